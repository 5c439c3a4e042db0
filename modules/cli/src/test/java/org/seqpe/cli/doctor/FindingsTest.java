package org.seqpe.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;

class FindingsTest {
    private static String text(Findings findings) {
        return findings.node().get("key").asText();
    }

    private static Findings failing(Throwable failure) {
        return new Findings().look("key", () -> {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        });
    }

    @Test
    void whatCannotBeFoundOutIsUnknownWithTheReason() {
        assertThat(text(failing(new IOException("there is no /x")))).isEqualTo("unknown (there is no /x)");
        assertThat(text(failing(new UnsatisfiedLinkError("libx\nand more"))))
                .isEqualTo("unknown (UnsatisfiedLinkError: libx)");
        assertThat(text(failing(new IllegalStateException("outer", new UserException("expected a, found b")))))
                .isEqualTo("unknown (expected a, found b)");
        assertThat(text(new Findings().look("key", 1, () -> {
                    new CountDownLatch(1).await();
                    return "";
                })))
                .isEqualTo("unknown (no answer within 1 s)");
        assertThat(text(new Findings().look("key", () -> null))).isEqualTo("none");
    }

    @Test
    void credentialsAreLeftOut() {
        assertThat(new Findings()
                        .look("key", () -> List.of("-Dspark.hadoop.fs.s3a.secret.key=hush", "-Dplain=shown"))
                        .look("other", () -> "s3a://me:hush@bucket")
                        .node()
                        .toString())
                .contains("redacted", "shown")
                .doesNotContain("hush");
        assertThat(text(failing(new IOException("password=hush")))).doesNotContain("hush");
    }
}

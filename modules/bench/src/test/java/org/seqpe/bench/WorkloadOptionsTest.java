package org.seqpe.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.PositionConfig.Encoding;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class WorkloadOptionsTest {
    @Command
    private static final class Holder {
        @Mixin
        private WorkloadOptions options;
    }

    private static WorkloadOptions parse(String... arguments) {
        Holder holder = new Holder();
        CommandLine line = new CommandLine(holder);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.parseArgs(arguments);
        return holder.options;
    }

    @Test
    void eachTaskHasItsOwnShape() {
        assertThat(parse("--threads", "1").workload())
                .isEqualTo(new TextWorkload(Encoding.ROPE, 4, 256, 4, 8, 256, 8192, 0, 1));
        assertThat(parse("--task", "images", "--threads", "1").workload())
                .isEqualTo(new ImageWorkload(Encoding.SEQPE, 2, 384, 6, 32, 128, 16, 1000, 1));
    }

    @Test
    void aWorkloadsOptionsDescribeIt() {
        TextWorkload texts = new TextWorkload(Encoding.LEARNED, 1, 64, 2, 3, 32, 100, 0, 1);
        ImageWorkload images = new ImageWorkload(Encoding.NONE, 1, 64, 2, 4, 32, 8, 10, 1);
        assertThat(parse(texts.options().toArray(String[]::new)).workload()).isEqualTo(texts);
        assertThat(parse(images.options().toArray(String[]::new)).workload()).isEqualTo(images);
    }

    @Test
    void optionsOfAnotherTaskAreRefused() {
        assertThatThrownBy(() -> parse("--patch", "8", "--threads", "1").workload())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected options of the task language, found --patch");
        assertThatThrownBy(() -> parse("--task", "images", "--length", "64", "--threads", "1")
                        .workload())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected options of the task images, found --length");
    }
}

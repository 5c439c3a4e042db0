package org.seqpe.core.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** With a clock that the tests move. */
class ProgressLinesTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private long seconds;

    private Progress lines(Duration interval) {
        return new ProgressLines(new PrintStream(written, true), interval, () -> TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void everyPhaseBeginsAndEndsWithALine() {
        try (Progress progress = lines(Duration.ofHours(1))) {
            progress.start("Preparing", 0);
            seconds += 3;
            progress.start("Training", 4);
            progress.advance(1, "loss 9.00");
            seconds += 7;
            progress.advance(3, "loss 4.21");
        }
        assertThat(written.toString().lines())
                .containsExactly(
                        "Preparing ...", "Preparing, 3 s", "Training ...", "Training 4/4 (100 %), 7 s, loss 4.21");
    }

    @Test
    void linesInBetweenComeAtTheInterval() {
        try (Progress progress = lines(Duration.ofSeconds(10))) {
            progress.start("Training", 8);
            for (int i = 0; i < 8; i++) {
                seconds += 4;
                progress.advance(1, "");
            }
        }
        assertThat(written.toString().lines())
                .containsExactly(
                        "Training ...",
                        "Training 3/8 (37 %), 12 s",
                        "Training 6/8 (75 %), 24 s",
                        "Training 8/8 (100 %), 32 s");
    }
}

package org.seqpe.core.progress;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ProgressLinesTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void everyPhaseBeginsAndEndsWithALine() {
        try (Progress progress = Progress.lines(new PrintStream(written, true), Duration.ofHours(1))) {
            progress.start("Preparing", 0);
            progress.start("Training", 4);
            progress.advance(1, "loss 9.00");
            progress.advance(3, "loss 4.21");
        }
        assertThat(written.toString().lines())
                .containsExactly(
                        "Preparing ...", "Preparing, 0 s", "Training ...", "Training 4/4 (100 %), 0 s, loss 4.21");
    }

    @Test
    void linesInBetweenComeAtTheInterval() {
        try (Progress progress = Progress.lines(new PrintStream(written, true), Duration.ZERO)) {
            progress.start("Training", 4);
            progress.advance(1, "");
        }
        assertThat(written.toString().lines()).containsExactly("Training ...", "Training 1/4 (25 %), 0 s");
    }
}

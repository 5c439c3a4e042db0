package org.seqpe.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.MetricsLog;
import org.seqpe.evaluation.report.TrainingCurve.Point;

class TrainingCurveTest {

    @TempDir
    private Path folder;

    @Test
    void linesBecomePointsByStepAndLaterOnesWin() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(
                file,
                """
            {"round":0,"event":"start"}
            {"round":1,"step":10,"loss":5.5,"learning_rate":1e-4}
            {"round":2,"step":20,"loss":5.0,"learning_rate":2e-4}
            {"round":2,"step":20,"validation_loss":5.1}
            {"round":3,"step":30,"loss":null,"learning_rate":3e-4}
            {"round":2,"step":20,"loss":4.9}
            {"round":4,"step":40,"lo""");
        assertThat(TrainingCurve.of("r", new MetricsLog(file.toString())).points())
                .containsExactly(
                        new Point(10, 5.5, null, 1e-4), new Point(20, 4.9, 5.1, 2e-4), new Point(30, null, null, 3e-4));
    }

    @Test
    void aRunThatHasNotBegunHasNoPoints() {
        assertThat(TrainingCurve.of(
                                "r", new MetricsLog(folder.resolve("missing").toString()))
                        .points())
                .isEmpty();
    }

    @Test
    void thinningKeepsMeansAndLastSteps() {
        TrainingCurve curve = Samples.curve("r", 3);
        assertThat(curve.thin(3000)).isEqualTo(curve);
        TrainingCurve thin = curve.thin(1000);
        assertThat(thin.points()).hasSize(1000);
        assertThat(thin.points().get(999).step()).isEqualTo(3000);
        double mean = curve.points().stream().mapToDouble(Point::loss).average().orElseThrow();
        assertThat(thin.points().stream().mapToDouble(Point::loss).average().orElseThrow())
                .isCloseTo(mean, within(1e-9));
        assertThat(thin.points().stream().filter(point -> point.validationLoss() != null))
                .hasSize(15);
    }
}

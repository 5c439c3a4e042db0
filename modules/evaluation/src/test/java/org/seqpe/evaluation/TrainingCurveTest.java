package org.seqpe.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.evaluation.TrainingCurve.Point;

class TrainingCurveTest {

    private static TrainingCurve read(String text) throws IOException {
        return TrainingCurve.read("r", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "r/metrics.jsonl");
    }

    @Test
    void linesBecomePointsByStepAndLaterOnesWin() throws IOException {
        TrainingCurve curve = read("""
            {"event":"start"}
            {"step":10,"round":1,"loss":5.5,"learning_rate":1e-4}
            {"step":20,"round":2,"loss":5.0,"learning_rate":2e-4}
            {"step":20,"validation_loss":5.1}

            {"step":30,"loss":NaN,"learning_rate":3e-4}
            {"step":20,"loss":4.9}
            """);
        assertThat(curve.points()).containsExactly(new Point(10, 5.5, null, 1e-4), new Point(20, 4.9, 5.1, 2e-4), new Point(30, null, null, 3e-4));
    }

    @Test
    void aLineThatWasBeingWrittenIsLeftOutAndOneInTheMiddleIsNamed() throws IOException {
        assertThat(read("{\"step\":1,\"loss\":2}\n{\"step\":2,\"lo").points()).containsExactly(new Point(1, 2.0, null, null));
        assertThatThrownBy(() -> read("{\"step\":1}\n{\"step\":2,\"lo\n{\"step\":3}\n")).isInstanceOf(UserException.class)
            .hasMessageContaining("r/metrics.jsonl, line 2");
        assertThat(read("").points()).isEmpty();
    }

    @Test
    void thinningKeepsMeansAndLastSteps() {
        TrainingCurve curve = Samples.curve("r", 3);
        assertThat(curve.thin(3000)).isEqualTo(curve);
        TrainingCurve thin = curve.thin(1000);
        assertThat(thin.points()).hasSize(1000);
        assertThat(thin.points().get(999).step()).isEqualTo(3000);
        double mean = curve.points().stream().mapToDouble(Point::loss).average().orElseThrow();
        assertThat(thin.points().stream().mapToDouble(Point::loss).average().orElseThrow()).isCloseTo(mean, within(1e-9));
        assertThat(thin.points().stream().filter(point -> point.validationLoss() != null)).hasSize(15);
    }
}

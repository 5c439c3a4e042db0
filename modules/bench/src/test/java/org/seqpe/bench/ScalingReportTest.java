package org.seqpe.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.bench.ScalingReport.Measurement;
import org.seqpe.bench.ScalingReport.Point;
import org.seqpe.core.config.PositionConfig.Encoding;

/** Slopes between neighbours, and quartiles. */
class ScalingReportTest {
    @Test
    void exponentsAreSlopesOfLogarithms() {
        TextWorkload narrow = new TextWorkload(Encoding.ROPE, 4, 64, 1, 8, 256, 8192, 0, 1);
        TextWorkload wide = narrow.withWidth(128, 2);
        List<Point> points = ScalingReport.series(
                        "width",
                        "time a token",
                        List.of(
                                new Measurement(64, narrow, Samples.of(new double[] {0.1})),
                                new Measurement(128, wide, Samples.of(new double[] {0.8}))),
                        Measurement::secondsPerToken,
                        Measurement::flopsPerToken)
                .points();
        assertThat(points.get(0).measuredExponent()).isNull();
        assertThat(points.get(1).measuredExponent()).isCloseTo(3, within(1e-9));
        // The output layer's share grows with the width, the blocks' with its square.
        assertThat(points.get(1).expectedExponent()).isBetween(1.0, 2.0);
    }

    @Test
    void quartilesLieBetweenSamples() {
        Samples samples = Samples.of(new double[] {4, 1, 3, 2});
        assertThat(samples).isEqualTo(new Samples(2.5, 1.75, 3.25, 1, 4));
    }
}

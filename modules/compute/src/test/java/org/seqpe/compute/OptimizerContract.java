package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

public interface OptimizerContract extends UsesDevice {
    @Test
    default void sumOfSquaresIsExactToDoublePrecision() {
        for (int size : new int[] {0, 1, 7, 513, 100_003, (1 << 21) + 7}) {
            Probe probe = new Probe(device(), "sumOfSquares", size);
            double[] values = probe.normal(size);
            double expected = Probe.dot(values, values);
            assertThat(Probe.sumOfSquares(device(), probe.tensor(values, size)))
                    .as("%s", probe)
                    .isCloseTo(expected, within(1e-12 * expected));
        }
    }

    @Test
    default void sumOfSquaresDoesNotLoseSmallValuesBesideLargeOnes() {
        // In float32 each 1 would vanish beside 1e8.
        Probe probe = new Probe(device(), "sumOfSquares beside large values");
        double[] values = new double[4097];
        Arrays.fill(values, 1);
        values[0] = 1e4;
        assertThat(Probe.sumOfSquares(device(), probe.tensor(values, 4097))).isEqualTo(1e8 + 4096);
    }

    @Test
    default void adamFollowsPyTorchsFormulaOverSeveralSteps() {
        for (int size : new int[] {1, 7, 61, 49_159}) {
            Probe probe = new Probe(device(), "adam", size).relative();
            double[] m = new double[size];
            double[] v = new double[size];
            Tensor first = probe.tensor(m, size);
            Tensor second = probe.tensor(v, size);
            for (int step = 1; step <= 4; step++) {
                double[] g = probe.normal(size);
                g[0] = step == 2 ? 0 : 1e-12f;
                double[] expected = new double[size];
                for (int i = 0; i < size; i++) {
                    m[i] = 0.9 * m[i] + 0.1 * g[i];
                    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                    expected[i] = 0.01
                            / (1 - Math.pow(0.9, step))
                            * m[i]
                            / (Math.sqrt(v[i]) / Math.sqrt(1 - Math.pow(0.999, step)) + 1e-8);
                }
                Tensor gradient = probe.tensor(g, size);
                device().adam(gradient, first, second, 0.01, 0.9, 0.999, 1e-8, step);
                probe.close("step " + step, gradient, expected);
                probe.close("first moment at step " + step, first, m);
                probe.close("second moment at step " + step, second, v);
            }
        }
    }

    /** Decays that begin and end anywhere, with gaps and without, and none. */
    @Test
    default void adamWDecaysPartsOfTheParameters() {
        for (int size : new int[] {1, 61, 49_159}) {
            List<List<AdamWStep.Decay>> cases = List.of(
                    List.of(),
                    List.of(new AdamWStep.Decay(0, size, 0.1)),
                    List.of(
                            new AdamWStep.Decay(size / 5, size / 3, 0.1),
                            new AdamWStep.Decay(size / 5 + size / 3, size / 7, 0.3)));
            for (List<AdamWStep.Decay> decays : cases) {
                adamW(size, decays);
            }
        }
    }

    private void adamW(int size, List<AdamWStep.Decay> decays) {
        Probe probe = new Probe(device(), "adamW", size, decays.size());
        double[] p = probe.normal(size);
        double[] m = new double[size];
        double[] v = new double[size];
        Tensor parameters = probe.tensor(p, size);
        Tensor first = probe.tensor(m, size);
        Tensor second = probe.tensor(v, size);
        for (int step = 1; step <= 2; step++) {
            double[] g = probe.normal(size);
            double[] decay = new double[size];
            for (AdamWStep.Decay part : decays) {
                Arrays.fill(decay, (int) part.offset(), (int) (part.offset() + part.length()), part.decay());
            }
            for (int i = 0; i < size; i++) {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
                double adam = 0.5
                        / (1 - Math.pow(0.9, step))
                        * m[i]
                        / (Math.sqrt(v[i]) / Math.sqrt(1 - Math.pow(0.99, step)) + 1e-8);
                p[i] -= adam + 0.5 * decay[i] * p[i];
            }
            device().adamW(
                            new AdamWStep(0.5, 0.9, 0.99, 1e-8, step, decays),
                            parameters,
                            parameters,
                            probe.tensor(g, size),
                            first,
                            second);
            probe.close("parameters at step " + step, parameters, p);
            probe.close("first moment at step " + step, first, m);
            probe.close("second moment at step " + step, second, v);
        }
    }

    @Test
    default void adamRefusesWhatDoesNotFit() {
        Tensor three = device().allocate(3);
        Tensor four = device().allocate(4);
        Probe.refuses("first moment", () -> device().adam(three, four, three, 1, 0.9, 0.9, 1, 1));
        Probe.refuses("second moment", () -> device().adam(three, three, four, 1, 0.9, 0.9, 1, 1));
        Probe.refuses("step 0", () -> device().adam(three, three, three, 1, 0.9, 0.9, 1, 0));
    }
}

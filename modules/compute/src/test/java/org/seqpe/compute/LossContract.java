package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

interface LossContract extends UsesDevice {
    @Test
    default void crossEntropyIsTheNegativeLogLikelihood() {
        for (int[] s : matrixShapes()) {
            for (float smoothing : new float[] {0, 0.1f}) {
                for (float scale : new float[] {1, 0.5f}) {
                    crossEntropy(s[0], s[1], smoothing, scale);
                }
            }
        }
    }

    private void crossEntropy(int n, int v, float smoothing, float scale) {
        Probe probe = new Probe(device(), "crossEntropy", n, v, smoothing, scale);
        double[] logits =
                Arrays.stream(probe.normal(n * v)).map(x -> (float) (3 * x)).toArray();
        int[] labels = probe.numbers(n, v);
        for (int i = 1; i < n; i += 3) {
            labels[i] = -1 - i;
        }
        double[] expected = Loops.crossEntropy(logits, labels, v, scale, smoothing);
        Tensor x = probe.tensor(logits, n, v);
        Tensor loss = probe.poisoned(n);
        device().crossEntropy(x, probe.ints(labels), scale, smoothing, true, 0.125f, loss);
        probe.close("loss", loss, expected);
        DoubleSupplier total = () -> 0.125
                * Arrays.stream(Loops.crossEntropy(logits, labels, v, scale, smoothing))
                        .sum();
        probe.gradient("gradient", logits, total, Probe.doubles(x));
        for (int i = 1; i < n; i += 3) {
            for (double value : Probe.doubles(x.view((long) i * v, v))) {
                assertThat(value == 0)
                        .as("gradient of an ignored row is 0: %s", value)
                        .isTrue();
            }
        }
        Tensor lossAlone = probe.poisoned(n);
        device().crossEntropy(probe.tensor(logits, n, v), probe.ints(labels), scale, smoothing, false, 1, lossAlone);
        probe.close("loss alone", lossAlone, expected);
    }

    @Test
    default void crossEntropyHoldsForLargeLogits() {
        Probe probe = new Probe(device(), "crossEntropy of large logits");
        double[] logits = {1000, 0, -1000, -1000, 500, 500, 3e4f, 0, 0};
        Tensor x = probe.tensor(logits, 3, 3);
        Tensor loss = probe.poisoned(3);
        device().crossEntropy(x, probe.ints(1, 2, 0), 1, 0, true, 1, loss);
        probe.close("loss", loss, new double[] {1000, Math.log(2), 0});
        probe.close("gradient", x, new double[] {1, -1, 0, 0, 0.5, -0.5, 0, 0, 0});
    }

    @Test
    default void divergenceMeasuresBothDirections() {
        for (int[] s : matrixShapes()) {
            for (boolean kl : new boolean[] {true, false}) {
                for (float beta : new float[] {1, 0.3f}) {
                    divergence(s[0], s[1], kl, beta);
                }
            }
        }
    }

    private void divergence(int n, int k, boolean kl, float beta) {
        Probe probe = new Probe(device(), "divergence", n, k, kl, beta);
        double[] teacher = probe.normal(n * k);
        double[] student = probe.normal(n * k);
        float scale = 1.5f;
        Tensor a = probe.tensor(teacher, n, k);
        Tensor s = probe.tensor(student, n, k);
        Tensor loss = probe.poisoned(n);
        device().divergence(a, s, scale, kl, beta, 0.25f, loss);
        probe.close("loss", loss, Loops.divergence(teacher, student, n, k, scale, kl));
        DoubleSupplier total = () -> 0.25
                * Arrays.stream(Loops.divergence(teacher, student, n, k, scale, kl))
                        .sum();
        // One side is held fixed while the other is trained, so each gets its share of its own derivative.
        probe.gradient("student", student, () -> beta * total.getAsDouble(), Probe.doubles(s));
        probe.gradient("teacher", teacher, () -> (1 - (double) beta) * total.getAsDouble(), Probe.doubles(a));
    }

    @Test
    default void lossesRefuseWhatDoesNotFit() {
        Tensor logits = device().allocate(2, 3);
        Tensor two = device().allocate(2);
        Tensor three = device().allocate(3);
        Ints labels = device().allocateInts(3);
        labels.upload(0, 1, 2);
        Probe.refuses("labels", () -> device().crossEntropy(logits, labels, 1, 0, true, 1, two));
        Probe.refuses("divergence", () -> device().divergence(logits, device().allocate(3, 2), 1, true, 1, 1, two));
        Probe.refuses("divergence loss", () -> device().divergence(logits, logits, 1, true, 1, 1, three));
        labels.upload(0, 1);
        Probe.refuses("loss", () -> device().crossEntropy(logits, labels, 1, 0, true, 1, three));
        Probe.refuses("smoothing", () -> device().crossEntropy(logits, labels, 1, 1, true, 1, two));
        labels.upload(0, 3);
        assertThatThrownBy(() -> device().crossEntropy(logits, labels, 1, 0, true, 1, two))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("3");
    }
}

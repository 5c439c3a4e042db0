package org.seqpe.compute;

/**
 * The kernels' definitions as plain loops in double precision, over dense row-major arrays: what every device is
 * compared with.
 */
final class Loops {
    private Loops() {}

    static double gelu(Gelu form, double x) {
        return switch (form) {
            case TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case EXACT -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
        };
    }

    /**
     * The error function to double precision: e^(-x^2) 2/sqrt(pi) times a series whose terms have one sign, so that
     * nothing cancels.
     */
    static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = x;
        double sum = 0;
        for (int n = 0; n < 200; n++) {
            sum += term;
            term *= 2 * x * x / (2 * n + 3);
        }
        return Math.exp(-x * x) * sum * 2 / Math.sqrt(Math.PI);
    }

    /** op(a) op(b), [m, n]. */
    static double[] matmul(double[] a, boolean transposeA, double[] b, boolean transposeB, int m, int n, int k) {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int l = 0; l < k; l++) {
                    c[i * n + j] += a[transposeA ? l * m + i : i * k + l] * b[transposeB ? j * k + l : l * n + j];
                }
            }
        }
        return c;
    }

    /** x w + bias. */
    static double[] linear(double[] x, double[] w, boolean transposeW, double[] bias, int n, int k, int m) {
        double[] out = matmul(x, false, w, transposeW, n, m, k);
        for (int i = 0; bias != null && i < out.length; i++) {
            out[i] += bias[i % m];
        }
        return out;
    }

    static double[] layerNorm(double[] x, double[] weight, double[] bias, double epsilon) {
        int columns = weight.length;
        double[] out = new double[x.length];
        for (int start = 0; start < x.length; start += columns) {
            double mean = mean(x, start, columns);
            double rstd = rstd(x, start, columns, epsilon);
            for (int i = 0; i < columns; i++) {
                out[start + i] = (x[start + i] - mean) * rstd * weight[i] + bias[i];
            }
        }
        return out;
    }

    static double mean(double[] x, int start, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[start + i];
        }
        return sum / count;
    }

    static double rstd(double[] x, int start, int count, double epsilon) {
        double mean = mean(x, start, count);
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (x[start + i] - mean) * (x[start + i] - mean);
        }
        return 1 / Math.sqrt(squares / count + epsilon);
    }

    /**
     * @param x [rows, H, D]
     * @param angles [P, H or 1, D/2]
     */
    static double[] rotary(
            double[] x,
            int rows,
            int heads,
            int width,
            double[] angles,
            int tableRows,
            int tableHeads,
            boolean inverse) {
        double[] out = new double[x.length];
        int half = width / 2;
        for (int r = 0; r < rows; r++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < half; i++) {
                    double angle =
                            angles[(r % tableRows * tableHeads + h % tableHeads) * half + i] * (inverse ? -1 : 1);
                    int at = (r * heads + h) * width + 2 * i;
                    out[at] = x[at] * Math.cos(angle) - x[at + 1] * Math.sin(angle);
                    out[at + 1] = x[at + 1] * Math.cos(angle) + x[at] * Math.sin(angle);
                }
            }
        }
        return out;
    }

    /** The place of element (row, head, d) in head vectors [rows, peHeads, width], peHeads being H or 1. */
    static int shared(int row, int head, int d, int peHeads, int width) {
        return (row * peHeads + head % peHeads) * width + d;
    }

    /** The result and the log-sum-exp of {@link #attention}. */
    record Attended(double[] out, double[] logSumExp) {}

    /**
     * @param q [B*T, H, D]; k and v likewise
     * @param pq [Bp*T, H or 1, positionWidth], or null; pk likewise
     */
    static Attended attention(
            Attention a, double[] q, double[] k, double[] v, double[] pq, double[] pk, int positionHeads) {
        int t = a.length();
        int heads = a.heads();
        double[] out = new double[q.length];
        double[] logSumExp = new double[a.batch() * heads * t];
        for (int b = 0; b < a.batch(); b++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < t; i++) {
                    int keys = a.causal() ? i + 1 : t;
                    double[] logits = new double[keys];
                    for (int j = 0; j < keys; j++) {
                        double dot = 0;
                        for (int d = 0; d < a.width(); d++) {
                            dot += q[((b * t + i) * heads + h) * a.width() + d]
                                    * k[((b * t + j) * heads + h) * a.width() + d];
                        }
                        int window = a.hasPositions() ? b % a.positionBatch() * t : 0;
                        for (int d = 0; a.hasPositions() && d < a.positionWidth(); d++) {
                            dot += a.positionScale()
                                    * pq[shared(window + i, h, d, positionHeads, a.positionWidth())]
                                    * pk[shared(window + j, h, d, positionHeads, a.positionWidth())];
                        }
                        logits[j] = a.scale() * dot + (a.slopes() == null ? 0 : a.slopes()[h] * (j - i));
                    }
                    int row = (b * heads + h) * t + i;
                    logSumExp[row] = logSumExp(logits);
                    for (int j = 0; j < keys; j++) {
                        double weight = Math.exp(logits[j] - logSumExp[row])
                                * Dropout.factor(a.dropout(), a.dropoutKey(), row, j);
                        for (int d = 0; d < a.width(); d++) {
                            out[((b * t + i) * heads + h) * a.width() + d] +=
                                    weight * v[((b * t + j) * heads + h) * a.width() + d];
                        }
                    }
                }
            }
        }
        return new Attended(out, logSumExp);
    }

    /** The result and the softmax [E, H, S] of {@link #listAttention}. */
    record Listed(double[] out, double[] weights) {}

    static Listed listAttention(
            int rows,
            int heads,
            int width,
            double scale,
            int[] queries,
            int[] keys,
            int slots,
            float dropout,
            long dropoutKey,
            double[] q,
            double[] k,
            double[] v) {
        double[] out = new double[rows * heads * width];
        double[] weights = new double[rows * heads * slots];
        for (int e = 0; e < rows; e++) {
            int count = 0;
            while (count < slots && keys[e * slots + count] >= 0) {
                count++;
            }
            for (int h = 0; h < heads; h++) {
                double[] logits = new double[count];
                for (int s = 0; s < count; s++) {
                    for (int d = 0; d < width; d++) {
                        logits[s] += scale
                                * q[(queries[e] * heads + h) * width + d]
                                * k[(keys[e * slots + s] * heads + h) * width + d];
                    }
                }
                double logSumExp = logSumExp(logits);
                for (int s = 0; s < count; s++) {
                    double weight = Math.exp(logits[s] - logSumExp);
                    weights[(e * heads + h) * slots + s] = weight;
                    weight *= Dropout.factor(dropout, dropoutKey, (long) e * heads + h, s);
                    for (int d = 0; d < width; d++) {
                        out[(e * heads + h) * width + d] += weight * v[(keys[e * slots + s] * heads + h) * width + d];
                    }
                }
            }
        }
        return new Listed(out, weights);
    }

    static double logSumExp(double[] logits) {
        double top = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            top = Math.max(top, logit);
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - top);
        }
        return top + Math.log(sum);
    }

    static double[] logSoftmax(double[] logits, int row, int columns, double scale) {
        double[] values = new double[columns];
        for (int j = 0; j < columns; j++) {
            values[j] = scale * logits[row * columns + j];
        }
        double logSumExp = logSumExp(values);
        for (int j = 0; j < columns; j++) {
            values[j] -= logSumExp;
        }
        return values;
    }

    static double[] crossEntropy(double[] logits, int[] labels, int classes, double scale, double smoothing) {
        double[] loss = new double[labels.length];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0) {
                double[] logProbabilities = logSoftmax(logits, i, classes, scale);
                loss[i] =
                        -(1 - smoothing) * logProbabilities[labels[i]] - smoothing * mean(logProbabilities, 0, classes);
            }
        }
        return loss;
    }

    static double[] divergence(double[] teacher, double[] student, int rows, int columns, double scale, boolean kl) {
        double[] loss = new double[rows];
        for (int i = 0; i < rows; i++) {
            double[] a = logSoftmax(teacher, i, columns, scale);
            double[] s = logSoftmax(student, i, columns, scale);
            for (int j = 0; j < columns; j++) {
                loss[i] += kl
                        ? Math.exp(a[j]) * (a[j] - s[j]) + Math.exp(s[j]) * (s[j] - a[j])
                        : (a[j] - s[j]) * (a[j] - s[j]);
            }
        }
        return loss;
    }

    /** [B, H, D]; the cache has the new rows already. {@code shared}: all heads have one position vector. */
    static double[] cachedAttention(
            CachedAttention spec,
            int[] lengths,
            double[] q,
            double[] keys,
            double[] values,
            double[] pq,
            double[] pk,
            boolean shared) {
        int width = spec.width();
        int heads = spec.heads();
        int positions = spec.positionWidth();
        int positionHeads = shared ? 1 : heads;
        double[] out = new double[q.length];
        for (int b = 0; b < spec.batch(); b++) {
            for (int h = 0; h < heads; h++) {
                double[] p = new double[lengths[b] + 1];
                double sum = 0;
                for (int j = 0; j < p.length; j++) {
                    double dot = 0;
                    for (int d = 0; d < width; d++) {
                        dot += q[(b * heads + h) * width + d]
                                * keys[((b * spec.capacity() + j) * heads + h) * width + d];
                    }
                    for (int d = 0; d < positions; d++) {
                        int head = shared ? 0 : h;
                        dot += (double) spec.positionScale()
                                * pq[(b * positionHeads + head) * positions + d]
                                * pk[(j * positionHeads + head) * positions + d];
                    }
                    double slope = spec.slopes() == null ? 0 : spec.slopes()[h];
                    p[j] = Math.exp(spec.scale() * dot + slope * (j - lengths[b]));
                    sum += p[j];
                }
                for (int j = 0; j < p.length; j++) {
                    for (int d = 0; d < width; d++) {
                        out[(b * heads + h) * width + d] +=
                                p[j] / sum * values[((b * spec.capacity() + j) * heads + h) * width + d];
                    }
                }
            }
        }
        return out;
    }
}

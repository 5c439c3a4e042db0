package org.seqpe.spark.train;

/** Norms of the replicas' deltas (end - start of a round) and the cosines between them, accumulated over parts of the vector. */
public final class DeltaStatistics {
    /** Dot products of the deltas of each pair of replicas. */
    private final double[][] dots;

    DeltaStatistics(int replicas) {
        dots = new double[replicas][replicas];
    }

    /** Of the first {@code count} elements. */
    static DeltaStatistics of(float[] start, float[][] replicas, int count) {
        DeltaStatistics result = new DeltaStatistics(replicas.length);
        for (int a = 0; a < replicas.length; a++) {
            for (int b = 0; b <= a; b++) {
                double dot = 0;
                for (int i = 0; i < count; i++) {
                    dot += ((double) replicas[a][i] - start[i]) * ((double) replicas[b][i] - start[i]);
                }
                result.dots[a][b] = dot;
                result.dots[b][a] = dot;
            }
        }
        return result;
    }

    void add(DeltaStatistics other) {
        for (int a = 0; a < dots.length; a++) {
            for (int b = 0; b < dots.length; b++) {
                dots[a][b] += other.dots[a][b];
            }
        }
    }

    void requireFinite(int round) {
        for (int k = 0; k < dots.length; k++) {
            if (!Double.isFinite(dots[k][k])) {
                throw new IllegalStateException("Cannot average parameters: expected finite values, found NaN or infinity (replica " + k
                        + ", round " + round + "); begin another run with a lower optimizer.learning-rate or optimizer.clip");
            }
        }
    }

    /** Euclidean norm of each replica's delta. */
    public double[] norms() {
        double[] norms = new double[dots.length];
        for (int k = 0; k < norms.length; k++) {
            norms[k] = Math.sqrt(dots[k][k]);
        }
        return norms;
    }

    /** Mean cosine over the pairs of replicas; NaN for a single replica or a delta of 0. */
    public double meanCosine() {
        double[] norms = norms();
        double sum = 0;
        int pairs = 0;
        for (int a = 0; a < norms.length; a++) {
            for (int b = 0; b < a; b++) {
                sum += dots[a][b] / (norms[a] * norms[b]);
                pairs++;
            }
        }
        return sum / pairs;
    }
}

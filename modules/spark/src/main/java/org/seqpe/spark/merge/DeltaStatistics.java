package org.seqpe.spark.merge;

import org.seqpe.compute.cpu.MergeLoops;
import org.seqpe.core.DivergedException;

/**
 * Norms of the replicas' deltas (end - start of a round) and the cosines between them, accumulated over parts of the
 * vector.
 */
public final class DeltaStatistics {
    private static final MergeLoops LOOPS = MergeLoops.fastest();
    /** Dot products of the deltas of each pair of replicas. */
    private final double[][] dots;

    private final double[][] deltas;

    public DeltaStatistics(int replicas) {
        dots = new double[replicas][replicas];
        deltas = new double[replicas][];
    }

    /** Adds the first {@code count} elements of a part. */
    public void add(float[] start, float[][] replicas, int count) {
        for (int a = 0; a < deltas.length; a++) {
            if (deltas[a] == null || deltas[a].length < count) {
                deltas[a] = new double[count];
            }
            LOOPS.subtract(replicas[a], start, deltas[a], count);
            for (int b = 0; b <= a; b++) {
                double dot = LOOPS.dot(deltas[a], deltas[b], count);
                dots[a][b] += dot;
                dots[b][a] = dots[a][b];
            }
        }
    }

    public void add(DeltaStatistics other) {
        for (int a = 0; a < dots.length; a++) {
            for (int b = 0; b < dots.length; b++) {
                dots[a][b] += other.dots[a][b];
            }
        }
    }

    public void requireFinite(int round) {
        for (int k = 0; k < dots.length; k++) {
            if (!Double.isFinite(dots[k][k])) {
                throw new DivergedException(
                        "Cannot average parameters: expected finite values, found NaN or infinity (replica " + k
                                + ", round " + round + ")");
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

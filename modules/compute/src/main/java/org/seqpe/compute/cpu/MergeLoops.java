package org.seqpe.compute.cpu;

/**
 * The loops of merging model copies: float vectors, double-precision arithmetic. This class is the plain form; that of
 * the Vector API does the same operations in the same order and gives the same bits.
 */
public class MergeLoops {
    /** Partial sums of a dot product: element i is added to sum {@code i % PARTIAL_SUMS}. */
    public static final int PARTIAL_SUMS = 8;

    /** The fastest form that this machine and JVM have. */
    public static MergeLoops fastest() {
        return CpuSupport.unsupportedReason().isEmpty() ? new VectorMergeLoops() : new MergeLoops();
    }

    /** {@code sum = weight * x}. */
    public void setWeighted(double weight, float[] x, double[] sum, int count) {
        for (int i = 0; i < count; i++) {
            sum[i] = weight * x[i];
        }
    }

    /** {@code sum += weight * x}. */
    public void addWeighted(double weight, float[] x, double[] sum, int count) {
        for (int i = 0; i < count; i++) {
            sum[i] += weight * x[i];
        }
    }

    /** {@code quotient = sum / divisor}, rounded to float. */
    public void divide(double[] sum, double divisor, float[] quotient, int count) {
        for (int i = 0; i < count; i++) {
            quotient[i] = (float) (sum[i] / divisor);
        }
    }

    /** {@code difference = x - y}, which doubles hold more exactly than floats. */
    public void subtract(float[] x, float[] y, double[] difference, int count) {
        for (int i = 0; i < count; i++) {
            difference[i] = (double) x[i] - y[i];
        }
    }

    /** The sum of {@code x * y}: {@link #PARTIAL_SUMS} interleaved sums, added in their order at the end. */
    public double dot(double[] x, double[] y, int count) {
        double[] sums = new double[PARTIAL_SUMS];
        addProducts(x, y, 0, count, sums);
        return total(sums);
    }

    /** Adds the products of elements {@code from} to {@code to} to the partial sums. */
    protected static void addProducts(double[] x, double[] y, int from, int to, double[] sums) {
        for (int i = from; i < to; i++) {
            sums[i % PARTIAL_SUMS] += x[i] * y[i];
        }
    }

    protected static double total(double[] sums) {
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }
}

package org.seqpe.compute.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MergeLoops} with four doubles at a time, on every processor, because the order of a dot product's sums depends
 * on it.
 */
public final class VectorMergeLoops extends MergeLoops {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_256;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_128;
    private static final int COUNT = 4;

    @Override
    public void setWeighted(double weight, float[] x, double[] sum, int count) {
        int whole = count & -COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            ((DoubleVector) FloatVector.fromArray(FLOATS, x, i).convertShape(VectorOperators.F2D, DOUBLES, 0))
                    .mul(weight)
                    .intoArray(sum, i);
        }
        for (int i = whole; i < count; i++) {
            sum[i] = weight * x[i];
        }
    }

    @Override
    public void addWeighted(double weight, float[] x, double[] sum, int count) {
        int whole = count & -COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            // Product and sum are rounded one after the other, as in Java; a fused operation would give other bits.
            DoubleVector product = ((DoubleVector)
                            FloatVector.fromArray(FLOATS, x, i).convertShape(VectorOperators.F2D, DOUBLES, 0))
                    .mul(weight);
            DoubleVector.fromArray(DOUBLES, sum, i).add(product).intoArray(sum, i);
        }
        for (int i = whole; i < count; i++) {
            sum[i] += weight * x[i];
        }
    }

    @Override
    public void divide(double[] sum, double divisor, float[] quotient, int count) {
        int whole = count & -COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            ((FloatVector) DoubleVector.fromArray(DOUBLES, sum, i)
                            .div(divisor)
                            .convertShape(VectorOperators.D2F, FLOATS, 0))
                    .intoArray(quotient, i);
        }
        for (int i = whole; i < count; i++) {
            quotient[i] = (float) (sum[i] / divisor);
        }
    }

    @Override
    public void subtract(float[] x, float[] y, double[] difference, int count) {
        int whole = count & -COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            DoubleVector minuend =
                    (DoubleVector) FloatVector.fromArray(FLOATS, x, i).convertShape(VectorOperators.F2D, DOUBLES, 0);
            minuend.sub(FloatVector.fromArray(FLOATS, y, i).convertShape(VectorOperators.F2D, DOUBLES, 0))
                    .intoArray(difference, i);
        }
        for (int i = whole; i < count; i++) {
            difference[i] = (double) x[i] - y[i];
        }
    }

    @Override
    public double dot(double[] x, double[] y, int count) {
        DoubleVector low = DoubleVector.zero(DOUBLES);
        DoubleVector high = DoubleVector.zero(DOUBLES);
        int whole = count & -PARTIAL_SUMS;
        for (int i = 0; i < whole; i += PARTIAL_SUMS) {
            low = DoubleVector.fromArray(DOUBLES, x, i)
                    .mul(DoubleVector.fromArray(DOUBLES, y, i))
                    .add(low);
            high = DoubleVector.fromArray(DOUBLES, x, i + COUNT)
                    .mul(DoubleVector.fromArray(DOUBLES, y, i + COUNT))
                    .add(high);
        }
        double[] sums = new double[PARTIAL_SUMS];
        low.intoArray(sums, 0);
        high.intoArray(sums, COUNT);
        addProducts(x, y, whole, count, sums);
        return total(sums);
    }
}

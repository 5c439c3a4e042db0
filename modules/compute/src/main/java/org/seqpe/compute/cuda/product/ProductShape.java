package org.seqpe.compute.cuda.product;

import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaTensor;

/**
 * Everything about a product that its algorithm depends on.
 *
 * @param m rows of op(a) and c
 * @param n columns of op(b) and c
 * @param k columns of op(a), rows of op(b)
 * @param count products of a batch
 * @param accumulates whether what c holds is read
 * @param bias a vector [n] that is added to each row; null for none
 */
record ProductShape(
        int m, int n, int k, Operand a, Operand b, Operand c, int count, boolean accumulates, Operand bias) {

    /**
     * One matrix, or one of each product.
     *
     * @param leading elements from a row to the next, as it lies in memory
     * @param stride elements from one product's matrix to the next one's
     * @param alignment bytes that the first element's address is a multiple of, 16 at most
     */
    record Operand(Precision precision, int leading, long stride, boolean transposed, int alignment) {
        private static final int MOST_ALIGNMENT = 16;

        static Operand matrix(Tensor tensor, boolean transposed) {
            return strided(tensor, Math.toIntExact(tensor.columns()), 0, transposed);
        }

        static Operand strided(Tensor tensor, int leading, long stride, boolean transposed) {
            return new Operand(
                    tensor.precision(),
                    leading,
                    stride,
                    transposed,
                    CudaTensor.of(tensor).alignment(MOST_ALIGNMENT));
        }
    }
}

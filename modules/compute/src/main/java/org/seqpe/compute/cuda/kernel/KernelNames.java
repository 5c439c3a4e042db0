package org.seqpe.compute.cuda.kernel;

import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;

/** The endings of the kernels' names, which say the types they work on (exports.cu). */
final class KernelNames {
    private KernelNames() {}

    /** The ending for one type. */
    static String type(Tensor tensor) {
        return tensor.precision() == Precision.FLOAT32 ? "f32" : "bf16";
    }

    /**
     * The ending for two types, those of a table or residual stream and of rows or branches.
     *
     * @throws IllegalArgumentException if the table has the lower precision
     */
    static String types(Tensor table, Tensor rows) {
        if (table.precision() == rows.precision()) {
            return "_" + type(rows);
        }
        if (table.precision() == Precision.FLOAT32) {
            return "_f32_bf16";
        }
        throw new IllegalArgumentException(
                "Cannot compute: expected a table or residual stream of float32 beside rows of float32, found "
                        + table.precision());
    }

    /** @throws IllegalArgumentException unless all have one precision */
    static void requireSame(String kernel, Tensor first, Tensor... others) {
        for (Tensor other : others) {
            if (other != null && other.precision() != first.precision()) {
                throw new IllegalArgumentException("Cannot run " + kernel + ": expected one precision, found "
                        + first.precision() + " and " + other.precision());
            }
        }
    }

    /** @throws IllegalArgumentException unless all are float32 */
    static void requireFloat32(String kernel, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor != null && tensor.precision() != Precision.FLOAT32) {
                throw new IllegalArgumentException(
                        "Cannot run " + kernel + ": expected float32, found " + tensor.precision());
            }
        }
    }
}

package org.seqpe.bench;

import org.bytedeco.pytorch.Tensor;

/** Tensors of numbers. */
final class LibtorchTensors {
    private LibtorchTensors() {}

    /** Integers, as libtorch takes them for indices: 64 bits. */
    static Tensor indices(int[] values, long... shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return Tensor.create(wide, shape);
    }
}

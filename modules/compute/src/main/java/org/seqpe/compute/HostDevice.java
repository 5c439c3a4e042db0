package org.seqpe.compute;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A device whose tensors are ND4J arrays ({@link HostTensor}). */
abstract class HostDevice implements Device {
    @Override
    public final Tensor allocate(long... shape) {
        return HostTensor.allocate(this, shape);
    }

    @Override
    public final void free(Tensor tensor) {
        HostTensor.of(tensor).free();
    }

    @Override
    public final Ints allocateInts(int capacity) {
        return HostInts.allocate(capacity);
    }

    @Override
    public final Tensor wrap(INDArray vector) {
        return HostTensor.wrap(this, vector);
    }
}

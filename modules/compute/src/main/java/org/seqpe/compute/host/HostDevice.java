package org.seqpe.compute.host;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.compute.Device;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/** A device whose tensors are ND4J arrays ({@link HostTensor}). */
public abstract class HostDevice implements Device {
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

package org.seqpe.model.dl4j;

import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;

/** A device's tensor over one of DL4J's flat views, made again only when DL4J hands over other memory. */
final class FlatView {
    private DataBuffer buffer;
    private long offset;
    private Device device;
    private Tensor tensor;

    /** The tensor over the vector's memory. */
    Tensor of(INDArray vector, Device current) {
        if (tensor == null
                || vector.data() != buffer
                || vector.offset() != offset
                || vector.length() != tensor.size()
                || current != device) {
            buffer = vector.data();
            offset = vector.offset();
            device = current;
            tensor = current.wrap(vector);
        }
        return tensor;
    }
}

package org.seqpe.compute.nd4j;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.compute.HostVector;

/** ND4J arrays, such as DL4J's flat parameters, as vectors in host memory. */
public final class HostVectors {
    private HostVectors() {}

    /**
     * A vector over the memory of an array.
     *
     * @param array [n], [1, n] or [n, 1]; null gives null
     * @throws IllegalArgumentException unless it is a float32 vector whose elements follow each other in memory
     */
    public static HostVector of(INDArray array) {
        if (array == null) {
            return null;
        }
        requireVector(array);
        return new HostVector(address(array.data(), array.offset()), array.length(), array);
    }

    /**
     * Checks that the elements of an array can be used as one vector.
     *
     * @throws IllegalArgumentException unless it is a float32 vector whose elements follow each other in memory
     */
    static void requireVector(INDArray array) {
        boolean contiguous = array.length() == 1;
        for (int i = 0; i < array.rank(); i++) {
            contiguous |= array.size(i) == array.length() && array.stride(i) == 1;
        }
        if (array.isEmpty() || array.dataType() != DataType.FLOAT || !contiguous) {
            throw new IllegalArgumentException(
                    "Cannot share an array: expected a contiguous float32 row or column vector, found "
                            + array.dataType() + Arrays.toString(array.shape()) + " with strides "
                            + Arrays.toString(array.stride()));
        }
    }

    /** The address of an element, counted from the start of the allocation that a buffer is part of. */
    static FloatPointer address(DataBuffer buffer, long element) {
        DataBuffer whole = buffer.originalDataBuffer() == null ? buffer : buffer.originalDataBuffer();
        return new FloatPointer(whole.pointer()).getPointer(element);
    }
}

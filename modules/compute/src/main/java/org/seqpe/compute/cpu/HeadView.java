package org.seqpe.compute.cpu;

import java.nio.ByteBuffer;
import org.seqpe.compute.Heads;
import org.seqpe.compute.HostTensor;

/** The operand of a call that is a {@link Heads}: its memory, with distances in bytes. */
final class HeadView {
    ByteBuffer bytes;
    long address;
    /** Elements from row to row: BLAS's leading dimension. */
    int leading;
    /** Keeps the memory from the garbage collector while a kernel works on it. */
    private HostTensor tensor;
    private int start;
    private int rowBytes;
    private int headBytes;

    HeadView set(Heads heads) {
        tensor = HostTensor.of(heads.tensor());
        bytes = tensor.bytes();
        address = CpuContext.address(tensor);
        leading = heads.rowStride();
        start = Math.toIntExact(heads.offset() * Float.BYTES);
        rowBytes = heads.rowStride() * Float.BYTES;
        headBytes = heads.headStride() * Float.BYTES;
        return this;
    }

    /** Where in {@link #bytes} the vector of this row and head begins. */
    int at(int row, int head) {
        return start + row * rowBytes + head * headBytes;
    }

    /** The address of the vector of this row and head. */
    long addressOf(int row, int head) {
        return address + at(row, head);
    }
}

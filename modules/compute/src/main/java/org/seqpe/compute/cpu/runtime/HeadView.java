package org.seqpe.compute.cpu.runtime;

import java.nio.ByteBuffer;
import org.seqpe.compute.Heads;
import org.seqpe.compute.host.HostTensor;

/** The operand of a call that is a {@link Heads}: its memory, with distances in bytes. */
public final class HeadView {
    public ByteBuffer bytes;
    public long address;
    /** Elements from row to row: BLAS's leading dimension. */
    public int leading;
    /** Keeps the memory from the garbage collector while a kernel works on it. */
    private HostTensor tensor;

    /** Where products read the vectors: the memory itself, or a copy of half its size. */
    private long operands;

    private int operandShift;
    private int start;
    private int rowBytes;
    private int headBytes;

    public HeadView set(Heads heads) {
        tensor = HostTensor.of(heads.tensor());
        bytes = tensor.bytes();
        address = tensor.address();
        operands = address;
        operandShift = 0;
        leading = heads.rowStride();
        start = Math.toIntExact(heads.offset() * Float.BYTES);
        rowBytes = heads.rowStride() * Float.BYTES;
        headBytes = heads.headStride() * Float.BYTES;
        return this;
    }

    /** Where in {@link #bytes} the vector of this row and head begins. */
    public int at(int row, int head) {
        return start + row * rowBytes + head * headBytes;
    }

    /** Makes products read a copy of the whole tensor in bfloat16. */
    public void setOperands(long copy) {
        operands = copy;
        operandShift = 1;
    }

    /** Where a product reads the vector of this row and head. */
    public long operandOf(int row, int head) {
        return operands + (at(row, head) >> operandShift);
    }

    /** The address of the vector of this row and head. */
    public long addressOf(int row, int head) {
        return address + at(row, head);
    }
}

package org.seqpe.compute.cpu.bfloat16;

import java.nio.ByteBuffer;
import org.seqpe.compute.cpu.row.Rounding;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.host.Address;

/** An operand of bfloat16 as float32: a copy whose rows follow each other without a gap. */
final class Panel {
    private final Address source = new Address();
    private final Scratch copy = new Scratch();

    /**
     * Copies a matrix.
     *
     * @param rows as it is stored
     * @param leading elements from row to row
     * @return the copy's address; of an empty matrix, any
     */
    long widened(long address, int rows, int columns, int leading) {
        if (rows == 0 || columns == 0) {
            return address;
        }
        copy.reserve((long) rows * columns);
        ByteBuffer from = source.at(address).bytes(((rows - 1L) * leading + columns) * Short.BYTES);
        for (int row = 0; row < rows; row++) {
            Rounding.widen(from, row * leading * Short.BYTES, copy.bytes(), row * columns * Float.BYTES, columns);
        }
        return copy.address();
    }

    void release() {
        copy.release();
    }
}

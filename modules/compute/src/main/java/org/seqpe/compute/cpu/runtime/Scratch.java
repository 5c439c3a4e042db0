package org.seqpe.compute.cpu.runtime;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.seqpe.core.UserException;

/**
 * Working memory that grows to the largest request and is then reused. What it holds between two requests is
 * unspecified.
 */
public final class Scratch {
    private static final int ALIGNMENT = 64;
    private FloatPointer memory;
    private ByteBuffer bytes;
    private long address;

    /**
     * Makes room for this many floats. Earlier addresses and buffers become invalid when it grows.
     *
     * @throws UserException above 2^31 - 65 bytes
     */
    public void reserve(long floats) {
        if (bytes != null && bytes.capacity() >= floats * Float.BYTES) {
            return;
        }
        if (floats * Float.BYTES > Integer.MAX_VALUE - ALIGNMENT) {
            throw new UserException(
                    "Cannot reserve working memory for a step: expected at most "
                            + (Integer.MAX_VALUE - ALIGNMENT) / Float.BYTES + " numbers, found " + floats
                            + ". Lower train.batch (and raise train.accumulation) or train.length, or set device.kind to nd4j.");
        }
        release();
        memory = new FloatPointer(floats + ALIGNMENT / Float.BYTES);
        long start = memory.address() + ALIGNMENT - 1 & -ALIGNMENT;
        bytes = memory.getPointer((start - memory.address()) / Float.BYTES)
                .capacity(floats)
                .asByteBuffer();
        address = start;
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    /** The address of the first byte, a multiple of 64. */
    public long address() {
        return address;
    }

    public void release() {
        if (memory != null) {
            memory.deallocate();
            memory = null;
            bytes = null;
        }
    }
}

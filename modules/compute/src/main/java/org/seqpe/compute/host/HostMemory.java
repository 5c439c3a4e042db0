package org.seqpe.compute.host;

import java.lang.ref.Cleaner;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.seqpe.compute.HostVector;

/**
 * A stretch of host memory: an allocation of ours, which is given back when it is freed or becomes unreachable, or
 * memory that another library owns.
 */
final class HostMemory {
    private static final Cleaner CLEANER = Cleaner.create();
    /** A cache line, which is also the widest vector register. */
    private static final int ALIGNMENT = 64;

    private final long address;
    /** Keeps foreign memory alive. */
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private final Object owner;
    /** Gives back an allocation of ours; null for foreign memory. */
    private final Cleaner.Cleanable release;

    private volatile boolean freed;

    private HostMemory(long address, Object owner, Allocation allocation) {
        this.address = address;
        this.owner = owner;
        this.release = allocation == null ? null : CLEANER.register(this, allocation);
    }

    /** What has to be given back. It must not reach the memory object, which would then never become unreachable. */
    private record Allocation(Pointer start) implements Runnable {
        @Override
        public void run() {
            Pointer.free(start);
        }
    }

    /**
     * New memory of zeros.
     *
     * @param size in bytes
     * @throws OutOfMemoryError if the system has no more
     */
    static HostMemory allocate(long size) {
        long bytes = Math.addExact(size, ALIGNMENT);
        Pointer start = Pointer.calloc(1, bytes);
        if (start == null || start.isNull()) {
            throw new OutOfMemoryError("Cannot allocate " + bytes + " bytes of host memory: the system has no more");
        }
        long address = start.address() + ALIGNMENT - 1 & -ALIGNMENT;
        return new HostMemory(address, null, new Allocation(start));
    }

    /** Memory that another library owns. */
    static HostMemory of(HostVector vector) {
        FloatPointer first = vector.address();
        return new HostMemory(first.address() + first.position() * Float.BYTES, vector.owner(), null);
    }

    /**
     * The address of a byte.
     *
     * @throws IllegalStateException if the memory was freed
     */
    long at(long offset) {
        if (freed) {
            throw new IllegalStateException("Cannot use a tensor whose memory was freed");
        }
        return address + offset;
    }

    /** Gives an allocation of ours back; nothing may use it afterwards. */
    void free() {
        freed = true;
        release.clean();
    }
}

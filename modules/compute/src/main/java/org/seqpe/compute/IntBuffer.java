package org.seqpe.compute;

/** A device integer array that grows to the longest upload so far. */
public final class IntBuffer {
    private final Device device;
    private Ints memory;

    public IntBuffer(Device device) {
        this.device = device;
    }

    /** The device array, holding the first {@code count} values of the source. */
    public Ints upload(int[] source, int count) {
        return upload(source, 0, count);
    }

    /** The device array, holding {@code count} values of the source from {@code from}. */
    public Ints upload(int[] source, int from, int count) {
        if (memory == null || memory.capacity() < count) {
            memory = device.allocateInts(Math.max(count, 1));
        }
        memory.upload(source, from, count);
        return memory;
    }

    /** The device array of the last upload. */
    public Ints get() {
        return memory;
    }
}

package org.seqpe.compute.cuda.runtime;

/**
 * Working memory of kernels: partial sums that the next kernel of the same call reads. One stretch serves all calls,
 * one after another, because the stream runs them in order. It grows to the most that a call has asked for.
 */
final class Scratch {
    private static final int ALIGNMENT = 256;

    private final DeviceMemory memory;
    private DeviceMemory.Block block;

    Scratch(DeviceMemory memory) {
        this.memory = memory;
    }

    /** The address of this many bytes, whose contents are undefined. */
    long take(long bytes) {
        if (block == null || block.bytes() < bytes) {
            if (block != null) {
                block.free();
            }
            block = memory.allocate((bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        }
        return block.address();
    }
}

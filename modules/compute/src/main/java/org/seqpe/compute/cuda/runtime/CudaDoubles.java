package org.seqpe.compute.cuda.runtime;

import java.util.Objects;
import org.seqpe.compute.Doubles;

/** Double-precision results in the memory of a GPU. */
public final class CudaDoubles implements Doubles {
    private final CudaRuntime runtime;
    private final DeviceMemory.Block block;
    private final int capacity;
    /** Made when the values are first asked for ahead. */
    private ReadBack readBack;

    private boolean asked;

    /** New results, all 0. */
    public CudaDoubles(CudaRuntime runtime, int capacity) {
        this.runtime = runtime;
        this.capacity = capacity;
        block = runtime.memory().allocate((long) capacity * Double.BYTES);
        double[] zeros = new double[capacity];
        runtime.staging()
                .upload(block.address(), capacity, Double.BYTES, (buffer, first, count) -> buffer.asDoubleBuffer()
                        .put(zeros, first, count));
    }

    /**
     * The address of a slot.
     *
     * @throws IllegalArgumentException if the results live elsewhere
     */
    public static long address(Doubles doubles, int slot) {
        if (doubles instanceof CudaDoubles cuda) {
            return cuda.block.address() + (long) Objects.checkIndex(slot, cuda.capacity) * Double.BYTES;
        }
        throw new IllegalArgumentException("Cannot compute: expected results on a GPU, found " + doubles);
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void ask() {
        if (readBack == null) {
            readBack = runtime.newReadBack(capacity * Double.BYTES);
        }
        readBack.ask(block.address());
        asked = true;
    }

    @Override
    public double[] toArray() {
        double[] values = new double[capacity];
        if (asked) {
            asked = false;
            readBack.await().asDoubleBuffer().get(values);
        } else {
            runtime.staging()
                    .download(block.address(), capacity, Double.BYTES, (buffer, first, count) -> buffer.asDoubleBuffer()
                            .get(values, first, count));
        }
        return values;
    }
}

package org.seqpe.compute;

import java.util.Optional;

/**
 * A vector of another library as a tensor of a device. Where the device computes in host memory the two are the same
 * memory, and nothing is ever copied. Elsewhere the device has its own copy, which {@link #pull} and {@link #push}
 * bring up to date at the edges of a round, so that everything stays on the device for the steps between.
 */
public final class Mirror {
    private static final int CHUNK = 1 << 20;

    private final HostVector vector;
    private final Tensor tensor;
    private final boolean shared;

    public Mirror(HostVector vector, Device device) {
        Optional<Tensor> same = device.share(vector);
        this.vector = vector;
        shared = same.isPresent();
        tensor = same.orElseGet(() -> device.allocate(vector.size()));
    }

    /** The device's side, [size]. */
    public Tensor tensor() {
        return tensor;
    }

    /** Whether both sides are the same memory. */
    public boolean isShared() {
        return shared;
    }

    /** Copies the library's values to the device, unless they are the same. */
    public void pull() {
        forEachChunk((from, values, count) -> {
            vector.address().getPointer(from).get(values, 0, count);
            tensor.upload(from, values, 0, count);
        });
    }

    /** Waits for the device and copies its values to the library, unless they are the same. */
    public void push() {
        forEachChunk((from, values, count) -> {
            tensor.download(from, values, 0, count);
            vector.address().getPointer(from).put(values, 0, count);
        });
    }

    /** Copies some elements through an array of the heap. */
    private interface Copy {
        void run(long from, float[] values, int count);
    }

    private void forEachChunk(Copy copy) {
        if (shared) {
            return;
        }
        float[] values = new float[(int) Math.min(CHUNK, vector.size())];
        for (long from = 0; from < vector.size(); from += values.length) {
            copy.run(from, values, (int) Math.min(values.length, vector.size() - from));
        }
    }
}

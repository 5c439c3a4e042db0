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
        for (long from = 0; from < vector.size() && !shared; from += CHUNK) {
            float[] values = new float[(int) Math.min(CHUNK, vector.size() - from)];
            vector.address().getPointer(from).get(values);
            tensor.upload(from, values, 0, values.length);
        }
    }

    /** Waits for the device and copies its values to the library, unless they are the same. */
    public void push() {
        for (long from = 0; from < vector.size() && !shared; from += CHUNK) {
            float[] values = new float[(int) Math.min(CHUNK, vector.size() - from)];
            tensor.download(from, values, 0, values.length);
            vector.address().getPointer(from).put(values);
        }
    }
}

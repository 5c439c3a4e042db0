package org.seqpe.compute;

import java.util.Optional;

/**
 * A vector of another library as a tensor of a device. Where the device computes in host memory the two are the same
 * memory, and nothing is ever copied. Elsewhere the device has its own copy, which {@link #pull} and {@link #push}
 * bring up to date at the edges of a round, so that everything stays on the device for the steps between.
 */
public final class Mirror {
    private final Tensor tensor;
    /** Null where both sides are the same memory. */
    private final HostLink link;

    public Mirror(HostVector vector, Device device) {
        Optional<Tensor> same = device.share(vector);
        link = same.isPresent() ? null : device.link(vector);
        tensor = same.orElseGet(() -> device.allocate(vector.size()));
    }

    /** The device's side, [size]. */
    public Tensor tensor() {
        return tensor;
    }

    /** Whether both sides are the same memory. */
    public boolean isShared() {
        return link == null;
    }

    /** Copies the library's values to the device, unless they are the same. */
    public void pull() {
        if (link != null) {
            link.toDevice(tensor);
        }
    }

    /** Waits for the device and copies its values to the library, unless they are the same. */
    public void push() {
        if (link != null) {
            link.toHost(tensor);
        }
    }
}

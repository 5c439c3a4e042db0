package org.seqpe.compute;

/** How the values of one vector in host memory come to a device that computes elsewhere, and go back. */
public interface HostLink {
    /**
     * Copies the vector's values to a tensor of the same size. The vector may change when this returns.
     *
     * @param target float32
     */
    void toDevice(Tensor target);

    /**
     * Waits for the kernels that write the tensor, and copies its values to the vector.
     *
     * @param source float32, of the vector's size
     */
    void toHost(Tensor source);

    /** A link through arrays of the heap, which serves every device. */
    static HostLink throughHeap(HostVector vector) {
        return new HeapLink(vector);
    }
}

package org.seqpe.compute;

/**
 * A few double-precision results on a device: sums of losses and squares. Kernels write them without waiting, and a
 * step reads them once, when everything it wants to know has been asked for.
 */
public interface Doubles {
    /** How many values there are. */
    int capacity();

    /** Waits for the kernels that write these values and copies all of them. */
    double[] toArray();
}

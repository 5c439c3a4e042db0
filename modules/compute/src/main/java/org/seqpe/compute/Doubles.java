package org.seqpe.compute;

/**
 * A few double-precision results on a device: sums of losses and squares. Kernels write them without waiting, and a
 * step reads them once, when everything it wants to know has been asked for.
 */
public interface Doubles {
    /** How many values there are. */
    int capacity();

    /**
     * Asks for the values as the kernels leave them that were asked for before. The next {@link #toArray} returns
     * these, and waits for nothing that is asked for in the meantime.
     */
    void ask();

    /** Waits for the kernels that write these values and copies all of them; those of {@link #ask} if it was called. */
    double[] toArray();
}

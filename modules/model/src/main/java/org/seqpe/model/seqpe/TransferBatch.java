package org.seqpe.model.seqpe;

/**
 * The shifted windows that one step compares with the main one; filled by {@link TransferSampler}, reused from step to
 * step.
 */
public final class TransferBatch {
    private final int[] starts;
    private final int[] offsets;
    private final int[] positions;

    /**
     * @param windows b
     * @param compared K, offsets per window
     * @param dimensions n
     */
    public TransferBatch(int windows, int compared, int dimensions) {
        starts = new int[windows * dimensions];
        offsets = new int[Math.multiplyExact(windows, compared)];
        positions = new int[Math.multiplyExact(offsets.length, dimensions)];
    }

    /** [b, n] where each window starts. */
    public int[] starts() {
        return starts;
    }

    /** [b, K] rows of the main window, 0 to T-1: the teacher's; distinct within a window. */
    public int[] offsets() {
        return offsets;
    }

    /** [b, K, n] the positions at those offsets of the shifted windows: the student's. */
    public int[] positions() {
        return positions;
    }
}

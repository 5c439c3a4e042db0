package org.seqpe.model.seqpe;

/** The pivots of one step and their candidates; filled by {@link ContrastiveSampler}, reused from step to step. */
public final class ContrastiveBatch {
    /** Where the first candidates of a pivot come from. Uniform candidates always follow. */
    enum Kind {
        UNIFORM,
        HARD,
        WINDOW
    }

    private final int[] pivots;
    private final int[] candidates;
    private final int[] labels;
    /**
     * [M] the kind of each pivot's first candidates, and how many of these were drawn, before duplicates and the pivot
     * are removed.
     */
    final Kind[] kinds;

    final int[] special;

    /**
     * @param pivots M
     * @param candidates N, candidates a pivot
     * @param dimensions n
     */
    public ContrastiveBatch(int pivots, int candidates, int dimensions) {
        this.pivots = new int[pivots * dimensions];
        this.candidates = new int[Math.multiplyExact(pivots * dimensions, candidates)];
        this.labels = new int[pivots];
        this.kinds = new Kind[pivots];
        this.special = new int[pivots];
    }

    /** [M, n] coordinates. */
    public int[] pivots() {
        return pivots;
    }

    /** [M, N, n] coordinates; a pivot's candidates are distinct and differ from the pivot. */
    public int[] candidates() {
        return candidates;
    }

    /** [M] the candidate nearest to each pivot, 0 to N-1. */
    public int[] labels() {
        return labels;
    }
}

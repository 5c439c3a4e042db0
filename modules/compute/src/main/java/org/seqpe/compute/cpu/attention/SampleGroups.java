package org.seqpe.compute.cpu.attention;

import org.seqpe.compute.Attention;
import org.seqpe.compute.cpu.runtime.CpuContext;

/**
 * The samples of an attention in groups that share position vectors, so that a group's position logits, and the
 * gradient of these, are one product instead of one for each sample. Without position vectors every sample is a group
 * of its own. Groups follow from the shapes alone.
 */
final class SampleGroups {
    /** Samples whose running state and operands stay in the caches side by side. */
    public static final int LARGEST = 8;
    /** Tasks that are left for the threads where there are so many samples, heads and tiles. */
    private static final int TASKS = 8;

    private Attention spec;
    private int size;
    private int groupsPerWindow;

    /** @param tasks how many tasks a sample gives: its heads, or their tiles */
    public void set(Attention attention, int tasks) {
        spec = attention;
        long all = (long) spec.batch() * tasks;
        int sharing = spec.hasPositions() ? spec.batch() / spec.positionBatch() : 1;
        size = (int) Math.max(1, Math.min(Math.min(sharing, LARGEST), all / TASKS));
        groupsPerWindow = CpuContext.blocks(sharing, size);
    }

    public int count() {
        return spec.hasPositions() ? groupsPerWindow * spec.positionBatch() : spec.batch();
    }

    /** The most samples of a group. */
    public int largest() {
        return size;
    }

    /** The samples of a group. */
    public int members(int group) {
        return spec.hasPositions()
                ? Math.min(size, spec.batch() / spec.positionBatch() - group % groupsPerWindow * size)
                : 1;
    }

    public int sample(int group, int member) {
        return spec.hasPositions()
                ? window(group) + (group % groupsPerWindow * size + member) * spec.positionBatch()
                : group;
    }

    /** Which position vectors a group reads. */
    public int window(int group) {
        return group / groupsPerWindow;
    }
}

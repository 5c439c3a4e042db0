package org.seqpe.compute.cuda.kernel;

import java.util.Arrays;
import org.seqpe.compute.cuda.runtime.CudaInts;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;

/**
 * Who adds to what, as lists that kernels follow in order (Pieces and Splits in rows.cuh): uses sorted by their target,
 * in their own order within a target, and cut into pieces of a fixed length at most. A target of one piece gets its sum
 * at once; the pieces of a longer one leave partial rows, which are added afterwards. So sums have an order that
 * follows from the ids alone, and one frequent target does not hold up the GPU.
 */
final class UsePlan {
    private final CudaRuntime runtime;
    private final int longest;
    private final boolean every;
    private int[] first = new int[0];
    private int[] lists = new int[0];
    private CudaInts memory;

    private int uses;
    private int pieces;
    private int splits;
    private int partials;
    private int startAt;
    private int targetAt;
    private int splitStartAt;
    private int splitTargetAt;

    /** Writes what a kernel is told of one use. */
    interface Entry {
        /** @param at the first of {@code width} places of a use's entry */
        void write(int[] lists, int at, int use);
    }

    /**
     * @param longest uses of a piece
     * @param every whether each target has a piece, so that its row is written although nothing uses it
     */
    UsePlan(CudaRuntime runtime, int longest, boolean every) {
        this.runtime = runtime;
        this.longest = longest;
        this.every = every;
    }

    /**
     * Makes the lists and uploads them.
     *
     * @param targetOf the target of use i stands at {@code from + i}; a negative one does not count
     * @param width integers of a use's entry
     */
    void make(int[] targetOf, int from, int count, int targets, int width, Entry entry) {
        sort(targetOf, from, count, targets);
        pieces = 0;
        splits = 0;
        for (int t = 0; t < targets; t++) {
            int own = piecesOf(first[t + 1] - first[t]);
            pieces += own;
            splits += own > 1 ? 1 : 0;
        }
        startAt = uses * width;
        targetAt = startAt + pieces + 1;
        splitStartAt = targetAt + pieces;
        splitTargetAt = splitStartAt + splits + 1;
        int size = splitTargetAt + splits;
        lists = lists.length < size ? new int[size + size / 4] : lists;
        cut(targets);
        int[] next = first;
        for (int i = 0; i < count; i++) {
            int target = targetOf[from + i];
            if (target >= 0) {
                entry.write(lists, next[target]++ * width, i);
            }
        }
        if (memory == null || memory.capacity() < size) {
            memory = CudaInts.allocate(runtime, lists.length);
        }
        memory.upload(lists, 0, size);
    }

    /** Leaves the first use of each target in {@code first}. */
    private void sort(int[] targetOf, int from, int count, int targets) {
        if (first.length < targets + 1) {
            first = new int[targets + 1];
        }
        Arrays.fill(first, 0, targets + 1, 0);
        for (int i = from; i < from + count; i++) {
            if (targetOf[i] >= 0) {
                first[targetOf[i] + 1]++;
            }
        }
        for (int t = 0; t < targets; t++) {
            first[t + 1] += first[t];
        }
        uses = first[targets];
    }

    private int piecesOf(int count) {
        return Math.max(count > 0 || every ? 1 : 0, (count + longest - 1) / longest);
    }

    private void cut(int targets) {
        int piece = 0;
        int split = 0;
        partials = 0;
        lists[startAt] = 0;
        lists[splitStartAt] = 0;
        for (int t = 0; t < targets; t++) {
            int end = first[t + 1];
            int own = piecesOf(end - first[t]);
            for (int p = 0; p < own; p++) {
                lists[targetAt + piece] = own == 1 ? t : -1 - partials++;
                lists[startAt + ++piece] = Math.min(end, first[t] + (p + 1) * longest);
            }
            if (own > 1) {
                lists[splitTargetAt + split] = t;
                lists[splitStartAt + ++split] = partials;
            }
        }
    }

    int pieces() {
        return pieces;
    }

    int splits() {
        return splits;
    }

    /** Partial rows that pieces leave. */
    int partials() {
        return partials;
    }

    private long at(int place) {
        return runtime.address(memory) + (long) place * Integer.BYTES;
    }

    /** The address of the entries of all uses. */
    long entries() {
        return at(0);
    }

    Launch putPieces(Launch launch) {
        return launch.lists(at(startAt), at(targetAt), pieces);
    }

    Launch putSplits(Launch launch) {
        return launch.lists(at(splitStartAt), at(splitTargetAt), splits);
    }
}

package org.seqpe.model.seqpe;

import java.util.Arrays;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.random.Permutation;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.Grid;

/**
 * Which windows of positions the main task uses (method.md section 4, "Random shift"). With the shift's probability, a
 * step has several shifted windows; otherwise it has the one that starts at 0.
 *
 * <p>Shifted windows come from a fixed pool of starts that all replicas of a run share; a pool size of 0 means all
 * starts. As in the reference, each replica takes runs of consecutive pool entries. A pointer begins at one of the
 * first 32 entries and moves on by the number of windows taken. It begins anew after passing the end; the last run is
 * moved back to lie within the pool. The draws of a step depend only on (seed, replica, step). After a jump the pointer
 * is recomputed from step 0 (some 20 ns per step), so no state has to be stored.
 *
 * <p>For grids the reference draws the column with the bound of the row; here each coordinate has its own, which is the
 * same for square grids. Not thread-safe.
 */
public final class MainSampler {
    private static final long PURPOSE = "main window".hashCode();
    private static final long POOL = "main window pool".hashCode();
    private static final int FIRST_ENTRIES = 32;

    private final Grid window;
    private final double rate;
    private final int groups;
    private final int poolSize;
    private final int columnStarts;
    private final Permutation pool;
    private final long key;
    private final RandomStream random = new RandomStream(0);
    private final int[] start;

    /** The pointer before any draw of step {@link #next}. */
    private int pointer;

    private long next;

    /**
     * @param layout which positions exist
     * @param window the main task's
     * @throws IllegalArgumentException if the window does not fit, or the pool has fewer starts than a step needs
     */
    public MainSampler(PositionDigits layout, Grid window, ObjectiveConfig.Shift shift, long seed, int replica) {
        layout.requireFits(window);
        this.window = window;
        this.rate = shift.rate();
        this.groups = shift.groups();
        int rowStarts = layout.limit() - window.extent()[0] + 1;
        this.columnStarts = window.dimensions() == 1 ? 1 : layout.limit() - window.extent()[1] + 1;
        long starts = (long) rowStarts * columnStarts;
        this.poolSize = (int) (shift.pool() > 0 ? Math.min(starts, shift.pool()) : starts);
        if (rate > 0 && poolSize < groups) {
            throw new IllegalArgumentException("Cannot draw shifted windows: expected at least " + groups
                    + " starts, found " + poolSize + " (pool of " + shift.pool() + ", " + starts
                    + " possible starts); lower the shift's groups or rate, or raise maxPosition");
        }
        this.pool = new Permutation(RandomStream.derive(seed, POOL), starts);
        this.key = RandomStream.derive(seed, PURPOSE, replica);
        this.start = new int[window.dimensions()];
        rewind();
    }

    /** Draws the windows of a step; steps count from 0. */
    public void draw(long step, MainWindows out) {
        boolean shifted = rate > 0 && advance(step);
        if (shifted) {
            int first = Math.min(poolSize - groups, pointer);
            for (int group = 0; group < groups; group++) {
                poolStart(first + group, start);
                window.positions(start, 0, out.positions(), group * window.size() * window.dimensions());
            }
            pass();
        } else {
            Arrays.fill(start, 0);
            window.positions(start, 0, out.positions(), 0);
        }
        out.set(shifted, shifted ? groups : 1);
    }

    int dimensions() {
        return window.dimensions();
    }

    /** Number of starts in the pool. */
    int poolSize() {
        return poolSize;
    }

    /** The coordinates of a start of the pool. */
    void poolStart(int entry, int[] out) {
        long cell = pool.at(entry);
        if (out.length == 1) {
            out[0] = (int) cell;
        } else {
            out[0] = (int) (cell / columnStarts);
            out[1] = (int) (cell % columnStarts);
        }
    }

    /** Moves the pointer to its place for the step; returns whether that step is shifted. */
    private boolean advance(long step) {
        if (step < next) {
            rewind();
        }
        for (; next < step; next++) {
            if (decide(next)) {
                pass();
            }
        }
        next = step + 1;
        return decide(step);
    }

    /** Restarts a pointer that is past the end, and decides whether the step is shifted. */
    private boolean decide(long step) {
        random.restart(RandomStream.derive(key, step));
        boolean shifted = random.nextDouble() < rate;
        if (pointer >= poolSize) {
            pointer = random.nextInt(FIRST_ENTRIES);
        }
        return shifted;
    }

    private void pass() {
        pointer += groups;
    }

    private void rewind() {
        random.restart(key);
        pointer = random.nextInt(FIRST_ENTRIES);
        next = 0;
    }
}

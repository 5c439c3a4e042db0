package org.seqpe.model.seqpe;

import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.Grid;

/**
 * Draws windows far from the main one. Training makes their position vectors relate to each other as those of the main
 * window do (method.md section 4, "Transfer"). Starts walk through all possible ones in a shuffled order: from T/4 or T
 * (see {@link ReferenceVariant}) to maxPosition-T-1 in 1-D; in 2-D the cells whose row or column lies outside the main
 * window. The offsets of a window are distinct. The draws of a step depend only on (seed, replica, step). Not
 * thread-safe.
 */
public final class TransferSampler {
    private static final long WALK = "transfer start".hashCode();
    private static final long OFFSETS = "transfer offset".hashCode();

    private final Grid window;
    private final int windows;
    private final int compared;
    private final int firstStart;
    /** 2-D: number of starts per row, and of those right of the main window; the first rows have only the latter. */
    private final int columns;

    private final int farColumns;
    private final ShuffledWalk walk;
    private final long key;
    private final RandomStream random = new RandomStream(0);
    private final DistinctSet drawn;

    /**
     * @param layout which positions exist
     * @param window the main task's
     * @throws IllegalArgumentException if there is no start, or a window has fewer positions than must be compared
     */
    public TransferSampler(
            PositionDigits layout,
            Grid window,
            ObjectiveConfig.Transfer transfer,
            ReferenceVariant variant,
            long seed,
            int replica) {
        layout.requireFits(window);
        this.window = window;
        this.windows = transfer.windows();
        this.compared = transfer.offsets();
        if (compared > window.size()) {
            throw new IllegalArgumentException("Cannot draw " + compared + " transfer offsets: the window " + window
                    + " has " + window.size() + " positions; lower the transfer offsets");
        }
        int rows = layout.limit() - window.extent()[0];
        long starts;
        if (window.dimensions() == 1) {
            this.firstStart = variant == ReferenceVariant.TEXT
                    ? ObjectiveConfig.Transfer.firstStart(window.size())
                    : window.size();
            this.columns = 1;
            this.farColumns = 0;
            starts = (long) rows - firstStart;
        } else {
            int nearRows = Math.min(window.extent()[0], rows);
            this.firstStart = nearRows;
            this.columns = layout.limit() - window.extent()[1];
            this.farColumns = Math.max(0, columns - window.extent()[1]);
            starts = (long) nearRows * farColumns + (long) (rows - nearRows) * columns;
        }
        if (starts < 1) {
            throw new IllegalArgumentException("Cannot draw transfer windows: a window of " + window
                    + " has no start far from the main one below " + layout.limit() + "; raise maxPosition");
        }
        this.walk = new ShuffledWalk(RandomStream.derive(seed, WALK, replica), starts);
        this.key = RandomStream.derive(seed, OFFSETS, replica);
        this.drawn = new DistinctSet(compared);
    }

    /** Draws the windows of a step; steps count from 0. */
    public void draw(long step, TransferBatch out) {
        random.restart(RandomStream.derive(key, step));
        int dimensions = window.dimensions();
        for (int i = 0; i < windows; i++) {
            start(walk.at(step * windows + i), out.starts(), i * dimensions);
            drawn.draw(random, window.size(), compared, out.offsets(), i * compared);
            for (int k = i * compared; k < (i + 1) * compared; k++) {
                window.position(out.starts(), i * dimensions, out.offsets()[k], out.positions(), k * dimensions);
            }
        }
    }

    /** The coordinates of one of the possible starts, numbered in row order. */
    private void start(long number, int[] out, int at) {
        if (window.dimensions() == 1) {
            out[at] = (int) (firstStart + number);
            return;
        }
        long near = (long) firstStart * farColumns;
        if (number < near) {
            out[at] = (int) (number / farColumns);
            out[at + 1] = (int) (columns - farColumns + number % farColumns);
        } else {
            out[at] = (int) (firstStart + (number - near) / columns);
            out[at + 1] = (int) ((number - near) % columns);
        }
    }
}

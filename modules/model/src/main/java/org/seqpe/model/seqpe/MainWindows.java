package org.seqpe.model.seqpe;

import org.seqpe.model.Grid;

/** The windows that the main task uses in one step; filled by {@link MainSampler}, reused from step to step. */
public final class MainWindows {
    private final int[] positions;
    private boolean shifted;
    private int count;

    /** @param groups the most windows that a step has */
    public MainWindows(int groups, Grid window) {
        positions = new int[Math.multiplyExact(Math.max(1, groups), window.size() * window.dimensions())];
    }

    /** Whether the windows are shifted; if not, there is one window, which starts at 0. */
    public boolean shifted() {
        return shifted;
    }

    /** Bp, the number of windows; sample b of a batch uses window b % Bp. */
    public int count() {
        return count;
    }

    /** [Bp, T, n] coordinates; values after them are left over from other steps. */
    public int[] positions() {
        return positions;
    }

    void set(boolean newShifted, int newCount) {
        shifted = newShifted;
        count = newCount;
    }
}

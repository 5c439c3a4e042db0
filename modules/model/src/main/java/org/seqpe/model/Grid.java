package org.seqpe.model;

import java.util.Arrays;

/**
 * The positions that one sample of a task occupies, counted row by row from 0: T consecutive ones in a text, rows and
 * columns of patches in an image.
 *
 * @param extent [n]: (T), or (rows, columns)
 */
public record Grid(int... extent) {

    /** @throws IllegalArgumentException unless there are one or two dimensions of at least 1 */
    public Grid {
        if (extent.length < 1 || extent.length > 2 || extent[0] < 1 || extent[extent.length - 1] < 1) {
            throw new IllegalArgumentException(
                    "Cannot lay out positions: expected one or two extents of at least 1, found "
                            + Arrays.toString(extent));
        }
    }

    /** n, the coordinates of a position. */
    public int dimensions() {
        return extent.length;
    }

    /** T, the number of positions. */
    public int size() {
        return extent.length == 1 ? extent[0] : Math.multiplyExact(extent[0], extent[1]);
    }

    /**
     * Writes one position of the grid that starts at the given coordinates: the one at an offset, counted row by row.
     *
     * @param starts n coordinates from {@code from}
     * @param out receives n coordinates from {@code at}
     */
    public void position(int[] starts, int from, int offset, int[] out, int at) {
        if (extent.length == 1) {
            out[at] = starts[from] + offset;
        } else {
            out[at] = starts[from] + offset / extent[1];
            out[at + 1] = starts[from + 1] + offset % extent[1];
        }
    }

    /**
     * Writes all T positions of the grid that starts at the given coordinates, row by row: T*n coordinates from
     * {@code at}.
     */
    public void positions(int[] starts, int from, int[] out, int at) {
        for (int offset = 0; offset < size(); offset++) {
            position(starts, from, offset, out, at + offset * extent.length);
        }
    }

    /** The positions of the grid that starts at 0, [T * n]. */
    public int[] positions() {
        int[] positions = new int[Math.multiplyExact(size(), dimensions())];
        positions(new int[dimensions()], 0, positions, 0);
        return positions;
    }

    /**
     * Whether the other grid begins with the positions of this one. If so, rows made for the other serve this one too.
     */
    public boolean begins(Grid other) {
        return extent.length == other.extent.length
                && extent[0] <= other.extent[0]
                && (extent.length == 1 || extent[1] == other.extent[1]);
    }

    /** Compares the extents: arrays in records have no equality of their own. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Grid grid && Arrays.equals(extent, grid.extent);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extent);
    }

    @Override
    public String toString() {
        return Arrays.toString(extent);
    }
}

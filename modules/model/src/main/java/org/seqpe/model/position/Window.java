package org.seqpe.model.position;

import java.util.Arrays;

/**
 * The positions one sample of the main task occupies: T consecutive ones in text, a grid of rows and columns in images.
 *
 * @param extent [n]: (T), or (rows, columns)
 */
public record Window(int... extent) {

    /** @throws IllegalArgumentException unless there are one or two dimensions of at least 1 */
    public Window {
        if (extent.length < 1 || extent.length > 2 || extent[0] < 1 || extent[extent.length - 1] < 1) {
            throw new IllegalArgumentException("Cannot lay out a window: expected one or two extents of at least 1, found " + Arrays.toString(extent));
        }
    }

    /** n */
    public int dimensions() {
        return extent.length;
    }

    /** T, how many positions it has. */
    public int size() {
        return extent.length == 1 ? extent[0] : extent[0] * extent[1];
    }

    /**
     * The position at an offset, counted row by row, of the window that starts at the given coordinates.
     *
     * @param starts n coordinates from {@code from}
     * @param out    n coordinates, written from {@code at}
     */
    public void position(int[] starts, int from, int offset, int[] out, int at) {
        if (extent.length == 1) {
            out[at] = starts[from] + offset;
        } else {
            out[at] = starts[from] + offset / extent[1];
            out[at + 1] = starts[from + 1] + offset % extent[1];
        }
    }

    /** All T positions of the window that starts at the given coordinates, row by row: T*n coordinates from {@code at}. */
    public void positions(int[] starts, int from, int[] out, int at) {
        for (int offset = 0; offset < size(); offset++) {
            position(starts, from, offset, out, at + offset * extent.length);
        }
    }

    /** @throws IllegalArgumentException unless the window has the layout's dimensions and lies within its limit */
    void checkFits(PositionDigits layout) {
        for (int size : extent) {
            if (extent.length != layout.dimensions() || size > layout.limit()) {
                throw new IllegalArgumentException("Cannot lay out a window of " + Arrays.toString(extent) + ": positions have " + layout.dimensions()
                        + " coordinates below " + layout.limit());
            }
        }
    }

    @Override
    public String toString() {
        return Arrays.toString(extent);
    }
}

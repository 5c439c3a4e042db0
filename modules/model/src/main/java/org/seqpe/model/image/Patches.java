package org.seqpe.model.image;

import org.seqpe.model.Grid;

/**
 * Cuts pictures into square patches that do not overlap. The elements of a patch lie as in the weights of a
 * convolution: channel, row, column.
 *
 * @param size pixels of a patch's side
 */
public record Patches(int size) {
    /** Red, green and blue. */
    public static final int CHANNELS = 3;

    /** @throws IllegalArgumentException unless size is at least 1 */
    public Patches {
        if (size < 1) {
            throw new IllegalArgumentException(
                    "Cannot cut patches: expected a side of at least 1 pixel, found " + size);
        }
    }

    /** Elements of a patch. */
    public int elements() {
        return CHANNELS * size * size;
    }

    /** Whether patches cover a picture of this size without a rest. */
    public boolean cover(int rows, int columns) {
        return rows >= size && columns >= size && rows % size == 0 && columns % size == 0;
    }

    /**
     * The grid of a picture's patches.
     *
     * @throws IllegalArgumentException unless patches cover it without a rest
     */
    public Grid grid(int rows, int columns) {
        if (!cover(rows, columns)) {
            throw new IllegalArgumentException("Cannot cut patches: expected rows and columns that " + size
                    + " divides, found " + rows + " x " + columns);
        }
        return new Grid(rows / size, columns / size);
    }

    /**
     * Cuts one picture.
     *
     * @param picture [3, rows, columns] from {@code from}
     * @param grid of its patches
     * @param out [patches, 3 * size * size] from {@code at}
     */
    public void cut(float[] picture, int from, Grid grid, float[] out, int at) {
        int columns = grid.extent()[1] * size;
        int rows = grid.extent()[0] * size;
        int to = at;
        for (int top = 0; top < rows; top += size) {
            for (int left = 0; left < columns; left += size) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    for (int y = 0; y < size; y++) {
                        System.arraycopy(picture, from + (channel * rows + top + y) * columns + left, out, to, size);
                        to += size;
                    }
                }
            }
        }
    }
}

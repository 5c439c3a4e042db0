package org.seqpe.model;

/**
 * Where the samples of a pass stand in the task's grid. Samples that are shorter than the grid fill its beginning, or
 * are moved along it.
 *
 * @param grid the positions of a sample in this pass, at most those of the task's grid
 * @param offsets [B] how far each sample is moved from the start of its window; null where none is. Only a grid of one
 *     dimension has them. Positions beyond the window's end stand at its end: they are for rows that nobody reads.
 */
public record Placement(Grid grid, int[] offsets) {
    /** @throws IllegalArgumentException if samples are moved along more than one dimension */
    public Placement {
        if (offsets != null && grid.dimensions() != 1) {
            throw new IllegalArgumentException(
                    "Cannot move samples: expected positions of one coordinate, found a grid of " + grid);
        }
    }

    /** All samples begin where their window begins. */
    public static Placement of(Grid grid) {
        return new Placement(grid, null);
    }
}

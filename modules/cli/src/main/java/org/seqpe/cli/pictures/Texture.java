package org.seqpe.cli.pictures;

import org.seqpe.core.random.RandomStream;

/** A smooth random surface: random heights on a grid, with a smooth way from each to the next. */
final class Texture {
    private final int cells;
    private final double[] heights;

    /** @param cells cells of the grid in each direction */
    Texture(int cells, RandomStream random) {
        this.cells = cells;
        this.heights = new double[(cells + 1) * (cells + 1)];
        for (int i = 0; i < heights.length; i++) {
            heights[i] = 2 * random.nextDouble() - 1;
        }
    }

    /**
     * Its height from -1 to 1.
     *
     * @param x from 0 to 1, exclusive
     * @param y from 0 to 1, exclusive
     */
    double at(double x, double y) {
        int column = (int) (x * cells);
        int row = (int) (y * cells);
        double right = smooth(x * cells - column);
        double below = smooth(y * cells - row);
        int corner = row * (cells + 1) + column;
        double upper = between(heights[corner], heights[corner + 1], right);
        double lower = between(heights[corner + cells + 1], heights[corner + cells + 2], right);
        return between(upper, lower, below);
    }

    private static double smooth(double share) {
        return share * share * (3 - 2 * share);
    }

    private static double between(double from, double to, double share) {
        return from + (to - from) * share;
    }
}

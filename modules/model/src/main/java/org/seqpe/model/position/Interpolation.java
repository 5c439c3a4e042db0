package org.seqpe.model.position;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Resizes a table of learned position vectors to more (or fewer) positions than were trained, as
 * torch.nn.functional.interpolate does with align_corners=False and no anti-aliasing: the centre of new cell i lies at
 * (i + 0.5) * rows / newRows - 0.5, and rows beyond the edge repeat the edge.
 */
public enum Interpolation {
    /** Linear interpolation between the two nearest rows; used for texts. */
    LINEAR(2) {
        @Override
        double weight(double distance) {
            return Math.max(0, 1 - distance);
        }
    },
    /** Keys' cubic convolution with a = -0.75 over the four nearest rows; used for image grids. */
    CUBIC(4) {
        @Override
        double weight(double distance) {
            double x = distance;
            if (x <= 1) {
                return ((A + 2) * x - (A + 3)) * x * x + 1;
            }
            return x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0;
        }
    };

    private static final double A = -0.75;

    private final int taps;

    Interpolation(int taps) {
        this.taps = taps;
    }

    /** The weight of a row at a distance from the point. */
    abstract double weight(double distance);

    /**
     * Resizes a list of position vectors.
     *
     * @param table [rows, width]
     * @return [newRows, width]
     * @throws IllegalArgumentException if the table is no such array or a size is below 1
     */
    public float[] resize(float[] table, int rows, int width, int newRows) {
        return rows(table, rows, width, newRows, IntStream.range(0, newRows).toArray());
    }

    /**
     * Computes only some rows of a resized list.
     *
     * @param table [rows, width]
     * @param wanted indices of the new rows to compute @return [wanted, width]
     * @throws IllegalArgumentException if the table is no such array or a size is below 1
     */
    public float[] rows(float[] table, int rows, int width, int newRows, int[] wanted) {
        if (rows < 1 || width < 1 || newRows < 1 || table.length != (long) rows * width) {
            throw new IllegalArgumentException("Cannot interpolate position vectors: expected " + rows + " x " + width
                    + " values for " + newRows + " new rows, found " + table.length);
        }
        float[] resized = new float[Math.multiplyExact(wanted.length, width)];
        double[] sum = new double[width];
        for (int i = 0; i < wanted.length; i++) {
            double source = (wanted[i] + 0.5) * rows / newRows - 0.5;
            int first = (int) Math.floor(source) - (taps / 2 - 1);
            Arrays.fill(sum, 0);
            for (int tap = 0; tap < taps; tap++) {
                double weight = weight(Math.abs(source - (first + tap)));
                int row = Math.max(0, Math.min(rows - 1, first + tap));
                for (int c = 0; c < width; c++) {
                    sum[c] += weight * table[row * width + c];
                }
            }
            for (int c = 0; c < width; c++) {
                resized[i * width + c] = (float) sum[c];
            }
        }
        return resized;
    }

    /**
     * Resizes a grid of position vectors, rows first and then columns.
     *
     * @param table [rows, columns, width]
     * @return [newRows, newColumns, width]
     */
    public float[] resize(float[] table, int rows, int columns, int width, int newRows, int newColumns) {
        float[] tall = resize(table, rows, columns * width, newRows);
        float[] resized = new float[Math.multiplyExact(newRows * newColumns, width)];
        float[] row = new float[columns * width];
        for (int i = 0; i < newRows; i++) {
            System.arraycopy(tall, i * row.length, row, 0, row.length);
            System.arraycopy(
                    resize(row, columns, width, newColumns), 0, resized, i * newColumns * width, newColumns * width);
        }
        return resized;
    }
}

package org.seqpe.model.seqpe;

import java.util.Arrays;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.model.Grid;

/**
 * How positions are written as digits (method.md section 1): the n coordinates one after the other, each in base 10
 * with G digits, padded with 0 on the left. P positions are an array of P*n coordinates.
 *
 * @param digits G, digits per coordinate
 * @param dimensions n: 1 for token numbers, 2 for (row, column)
 * @param limit coordinates are below this; at most 10^G
 */
public record PositionDigits(int digits, int dimensions, int limit) {
    /** Positions are written in decimal digits. */
    public static final int BASE = 10;
    /** The digits of the largest int. */
    private static final int MOST_DIGITS = 10;

    /** @throws IllegalArgumentException if a number is out of range */
    public PositionDigits {
        if (digits < 1 || digits > MOST_DIGITS || dimensions < 1) {
            throw new IllegalArgumentException(
                    "Cannot write positions: expected 1 to " + MOST_DIGITS + " digits and at least 1 dimension, found "
                            + digits + " digits and " + dimensions + " dimensions");
        }
        if (limit < 1 || limit > power(digits)) {
            throw new IllegalArgumentException(
                    "Cannot write positions below " + limit + " with " + digits + " digits: expected a limit from 1 to "
                            + power(digits) + "; raise the number of digits or lower maxPosition");
        }
    }

    /** All positions that G digits can write. */
    public static PositionDigits of(int digits, int dimensions) {
        return new PositionDigits(
                digits, dimensions, (int) Math.min(Integer.MAX_VALUE, power(Math.min(digits, MOST_DIGITS))));
    }

    /**
     * The positions below maxPosition: for n=1 the numbers below it, for n&gt;1 the cells of the largest n-dimensional
     * cube with at most that many cells.
     *
     * @param digits G; 0 means as many as needed
     */
    public static PositionDigits below(int maxPosition, int dimensions, int digits) {
        return new PositionDigits(
                digits == 0 ? PositionConfig.digitsFor(maxPosition, dimensions) : digits,
                dimensions,
                PositionConfig.side(maxPosition, dimensions));
    }

    /**
     * Checks that the positions of a grid can be written.
     *
     * @throws IllegalArgumentException unless the grid has these dimensions and lies within the limit
     */
    void requireFits(Grid grid) {
        for (int size : grid.extent()) {
            if (grid.dimensions() != dimensions || size > limit) {
                throw new IllegalArgumentException("Cannot lay out a window of " + grid + ": positions have "
                        + dimensions + " coordinates below " + limit);
            }
        }
    }

    /** n*G, the symbols of a position. */
    public int slots() {
        return dimensions * digits;
    }

    /**
     * The digits of count positions.
     *
     * @param positions count*n coordinates from index {@code from}
     * @param out [count, n*G], written from its beginning
     * @throws IllegalArgumentException if a coordinate is negative or not below the limit
     */
    public void write(int[] positions, int from, int count, int[] out) {
        for (int i = 0; i < count * dimensions; i++) {
            int rest = checked(positions[from + i]);
            for (int digit = digits - 1; digit >= 0; digit--) {
                out[i * digits + digit] = rest % BASE;
                rest /= BASE;
            }
        }
    }

    /** The digits [P, n*G] of all positions; see {@link #write}. */
    public int[] write(int... positions) {
        int count = positions.length / dimensions;
        int[] out = new int[count * slots()];
        write(positions, 0, count, out);
        return out;
    }

    /**
     * For each digit of [P, n*G], whether it belongs to its number (1) or pads it (0). The single digit of the number 0
     * belongs to it.
     */
    public int[] paddingMask(int... positions) {
        int[] mask = new int[positions.length * digits];
        for (int i = 0; i < positions.length; i++) {
            Arrays.fill(mask, i * digits + padding(positions[i]), (i + 1) * digits, 1);
        }
        return mask;
    }

    /** Number of zeros that pad a coordinate on the left. */
    int padding(int coordinate) {
        int used = 1;
        for (int rest = checked(coordinate) / BASE; rest > 0; rest /= BASE) {
            used++;
        }
        return digits - used;
    }

    private int checked(int coordinate) {
        if (coordinate < 0 || coordinate >= limit) {
            throw new IllegalArgumentException("Cannot encode position " + coordinate + ": expected one from 0 to "
                    + (limit - 1) + "; train and evaluate below maxPosition, or configure a larger one");
        }
        return coordinate;
    }

    private static long power(int digits) {
        long power = 1;
        for (int i = 0; i < digits; i++) {
            power *= BASE;
        }
        return power;
    }
}

package org.seqpe.data.image.augment;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.seqpe.data.image.Picture;

/**
 * Moves the pixels of a picture as Pillow's {@code Image.transform} and {@code Image.rotate} do with bicubic
 * interpolation. Every new pixel's centre is mapped to a place in the old picture. If that lies outside, the pixel gets
 * the fill colour; otherwise the 4 x 4 pixels around are interpolated by cubic convolution with a = -1, where pixels
 * beyond an edge are those of the edge. A picture that is passed is never changed.
 */
final class Geometry {
    /** Pillow rounds a rotation's factors to this many decimals. */
    private static final int DECIMALS = 15;

    private Geometry() {}

    /** Left becomes right. */
    static Picture mirror(Picture picture) {
        byte[] from = picture.rgb();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < picture.height(); y++) {
            for (int x = picture.width() - 1; x >= 0; x--) {
                int pixel = Picture.CHANNELS * (y * picture.width() + x);
                to[at++] = from[pixel];
                to[at++] = from[pixel + 1];
                to[at++] = from[pixel + 2];
            }
        }
        return new Picture(picture.width(), picture.height(), to);
    }

    /**
     * Turns a picture around its centre.
     *
     * @param degrees counter-clockwise
     */
    static Picture rotate(Picture picture, double degrees, byte[] fill) {
        double turn = degrees % 360;
        turn = turn < 0 ? turn + 360 : turn;
        if (turn == 0) {
            return picture;
        }
        double angle = -(turn * (Math.PI / 180));
        double cos = rounded(StrictMath.cos(angle));
        double sin = rounded(StrictMath.sin(angle));
        double minusSin = rounded(-StrictMath.sin(angle));
        double x = picture.width() / 2.0;
        double y = picture.height() / 2.0;
        return affine(
                picture,
                new double[] {cos, sin, cos * -x + sin * -y + x, minusSin, cos, minusSin * -x + cos * -y + y},
                fill);
    }

    private static double rounded(double value) {
        return new BigDecimal(value).setScale(DECIMALS, RoundingMode.HALF_EVEN).doubleValue();
    }

    /** Takes a pixel from further right by a share of its row's number. */
    static Picture shearX(Picture picture, double share, byte[] fill) {
        return affine(picture, new double[] {1, share, 0, 0, 1, 0}, fill);
    }

    /** Takes a pixel from further down by a share of its column's number. */
    static Picture shearY(Picture picture, double share, byte[] fill) {
        return affine(picture, new double[] {1, 0, 0, share, 1, 0}, fill);
    }

    /** Moves a picture to the left by a share of its width. */
    static Picture translateX(Picture picture, double share, byte[] fill) {
        return affine(picture, new double[] {1, 0, share * picture.width(), 0, 1, 0}, fill);
    }

    /** Moves a picture up by a share of its height. */
    static Picture translateY(Picture picture, double share, byte[] fill) {
        return affine(picture, new double[] {1, 0, 0, 0, 1, share * picture.height()}, fill);
    }

    /** @param matrix the old place of (x, y): (m0 x + m1 y + m2, m3 x + m4 y + m5) */
    private static Picture affine(Picture picture, double[] matrix, byte[] fill) {
        int width = picture.width();
        int height = picture.height();
        byte[] to = new byte[picture.rgb().length];
        int[] columns = new int[4];
        int[] rows = new int[4];
        int at = 0;
        for (int y = 0; y < height; y++) {
            double down = y + 0.5;
            for (int x = 0; x < width; x++, at += Picture.CHANNELS) {
                double across = x + 0.5;
                double oldX = matrix[0] * across + matrix[1] * down + matrix[2];
                double oldY = matrix[3] * across + matrix[4] * down + matrix[5];
                if (!(oldX >= 0 && oldX < width && oldY >= 0 && oldY < height)) {
                    to[at] = fill[0];
                    to[at + 1] = fill[1];
                    to[at + 2] = fill[2];
                    continue;
                }
                double shareX = around(oldX - 0.5, width, Picture.CHANNELS, columns);
                double shareY = around(oldY - 0.5, height, Picture.CHANNELS * width, rows);
                for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                    to[at + channel] = interpolated(picture.rgb(), channel, columns, rows, shareX, shareY);
                }
            }
        }
        return new Picture(width, height, to);
    }

    /** Sets where the four pixels around a place lie, and returns the place's share of the way from second to third. */
    private static double around(double place, int size, int stride, int[] offsets) {
        int floor = (int) Math.floor(place);
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = stride * Math.max(0, Math.min(size - 1, floor - 1 + i));
        }
        return place - floor;
    }

    private static byte interpolated(
            byte[] from, int channel, int[] columns, int[] rows, double shareX, double shareY) {
        double value = cubic(
                inRow(from, channel + rows[0], columns, shareX),
                inRow(from, channel + rows[1], columns, shareX),
                inRow(from, channel + rows[2], columns, shareX),
                inRow(from, channel + rows[3], columns, shareX),
                shareY);
        return (byte) Math.max(0, Math.min(255, (int) value));
    }

    private static double inRow(byte[] from, int row, int[] columns, double share) {
        return cubic(
                from[row + columns[0]] & 255,
                from[row + columns[1]] & 255,
                from[row + columns[2]] & 255,
                from[row + columns[3]] & 255,
                share);
    }

    /** Cubic convolution with a = -1: between b (share 0) and c (share 1). */
    private static double cubic(double a, double b, double c, double d, double share) {
        double linear = -a + c;
        double square = 2 * (a - b) + c - d;
        double cube = -a + b - c + d;
        return b + share * (linear + share * (square + share * cube));
    }
}

package org.seqpe.data.image;

import java.util.Arrays;

/**
 * Resampling as Pillow's {@code Image.resize} does it for 8 bits a channel, to the bit. A new pixel is a weighted mean
 * of the old ones around it. Where a picture shrinks, the filter is stretched by the reduction, so that every old pixel
 * counts. Rows are resampled first and columns second, each rounded to 8 bits, with weights of 22 binary places.
 */
public enum Resampling {
    /** The triangle: linear interpolation where a picture grows. */
    BILINEAR(1) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            return x < 1 ? 1 - x : 0;
        }
    },
    /** Keys' cubic convolution with a = -0.5. */
    BICUBIC(2) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return ((A + 2) * x - (A + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
        }
    };

    private static final double A = -0.5;
    /** Binary places of a weight: 8 bits of value, this many, and 2 bits for sums beyond white. */
    private static final int PLACES = 22;

    private static final int HALF = 1 << (PLACES - 1);

    /** Half the filter's width where a picture does not shrink, in pixels. */
    private final double support;

    Resampling(double support) {
        this.support = support;
    }

    /** The filter's value at a distance in pixels from its centre. */
    abstract double weight(double distance);

    /**
     * Resamples a whole picture.
     *
     * @throws IllegalArgumentException if a new size is below 1
     */
    public Picture resize(Picture source, int newWidth, int newHeight) {
        return resize(source, 0, 0, source.width(), source.height(), newWidth, newHeight);
    }

    /**
     * Cuts out a rectangle and resamples it. Pixels outside of the rectangle have no influence, as with Pillow's
     * {@code crop} before {@code resize}.
     *
     * @param left the rectangle's first column
     * @param top its first row
     * @param width its columns
     * @param height its rows
     * @throws IllegalArgumentException if the rectangle is empty or not inside of the picture, or a new size is below 1
     */
    public Picture resize(Picture source, int left, int top, int width, int height, int newWidth, int newHeight) {
        if (left < 0
                || top < 0
                || width < 1
                || height < 1
                || left > source.width() - width
                || top > source.height() - height) {
            throw new IllegalArgumentException(
                    "Cannot resample: expected a rectangle inside of " + source.width() + " x " + source.height()
                            + " pixels, found " + width + " x " + height + " at " + left + ", " + top);
        }
        if (newWidth < 1 || newHeight < 1) {
            throw new IllegalArgumentException(
                    "Cannot resample: expected a size of at least 1 x 1, found " + newWidth + " x " + newHeight);
        }
        return resize(source, left, top, taps(width, newWidth, 0, newWidth), taps(height, newHeight, 0, newHeight));
    }

    /**
     * Resamples a whole picture, of which only the centre is computed. Where the rest cannot be halved, the centre
     * starts at the even one of the two middle places (torchvision's CenterCrop).
     *
     * @param newWidth columns of the whole resampled picture
     * @param newHeight its rows
     * @param columns the centre's columns
     * @param rows the centre's rows
     * @throws IllegalArgumentException if the centre is empty or larger than the resampled picture
     */
    public Picture centre(Picture source, long newWidth, long newHeight, int columns, int rows) {
        if (columns < 1 || rows < 1 || columns > newWidth || rows > newHeight) {
            throw new IllegalArgumentException("Cannot resample: expected a centre of at most " + newWidth + " x "
                    + newHeight + " pixels, found " + columns + " x " + rows);
        }
        Taps across = taps(source.width(), newWidth, (long) Math.rint((newWidth - columns) / 2.0), columns);
        Taps down = taps(source.height(), newHeight, (long) Math.rint((newHeight - rows) / 2.0), rows);
        return resize(source, 0, 0, across, down);
    }

    private static Picture resize(Picture source, int left, int top, Taps across, Taps down) {
        int firstRow = down.first[0];
        int rows = down.first[down.size() - 1] + down.count[down.size() - 1] - firstRow;
        byte[] narrow = rows(source, left, top + firstRow, rows, across);
        return new Picture(across.size(), down.size(), columns(narrow, across.size(), firstRow, down));
    }

    /**
     * Which old pixels make each new one.
     *
     * @param first [size], the first old pixel
     * @param count [size], how many
     * @param weights [size, most]
     * @param most the largest count
     */
    private record Taps(int[] first, int[] count, int[] weights, int most) {
        int size() {
            return first.length;
        }
    }

    /** For the new pixels from one on, of a row or column of old pixels. */
    private Taps taps(int oldSize, long newSize, long start, int size) {
        double scale = (double) oldSize / newSize;
        double stretch = Math.max(scale, 1);
        double reach = support * stretch;
        int most = (int) Math.ceil(reach) * 2 + 1;
        int[] first = new int[size];
        int[] count = new int[size];
        int[] weights = new int[size * most];
        double[] exact = new double[most];
        for (int i = 0; i < size; i++) {
            double centre = (start + i + 0.5) * scale;
            int from = Math.max(0, (int) (centre - reach + 0.5));
            int to = Math.min(oldSize, (int) (centre + reach + 0.5));
            double sum = 0;
            for (int j = from; j < to; j++) {
                exact[j - from] = weight((j - centre + 0.5) * (1 / stretch));
                sum += exact[j - from];
            }
            for (int j = 0; j < to - from; j++) {
                weights[i * most + j] = fixed(sum == 0 ? exact[j] : exact[j] / sum);
            }
            first[i] = from;
            count[i] = to - from;
        }
        return new Taps(first, count, weights, most);
    }

    private static int fixed(double weight) {
        double scaled = weight * (1 << PLACES);
        return (int) (weight < 0 ? scaled - 0.5 : scaled + 0.5);
    }

    /** Resamples every row of the rectangle: [height, new width, 3]. */
    private static byte[] rows(Picture source, int left, int top, int height, Taps taps) {
        byte[] from = source.rgb();
        byte[] to = new byte[Picture.CHANNELS * taps.size() * height];
        int at = 0;
        for (int y = 0; y < height; y++) {
            int row = Picture.CHANNELS * ((top + y) * source.width() + left);
            for (int x = 0; x < taps.size(); x++) {
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                int pixel = row + Picture.CHANNELS * taps.first[x];
                int weight = x * taps.most;
                for (int end = weight + taps.count[x]; weight < end; weight++, pixel += Picture.CHANNELS) {
                    int factor = taps.weights[weight];
                    red += (from[pixel] & 255) * factor;
                    green += (from[pixel + 1] & 255) * factor;
                    blue += (from[pixel + 2] & 255) * factor;
                }
                to[at++] = rounded(red);
                to[at++] = rounded(green);
                to[at++] = rounded(blue);
            }
        }
        return to;
    }

    /** Resamples every column of [rows, width, 3], whose rows start with a given one: [new height, width, 3]. */
    private static byte[] columns(byte[] from, int width, int firstRow, Taps taps) {
        int row = Picture.CHANNELS * width;
        byte[] to = new byte[row * taps.size()];
        int[] sums = new int[row];
        for (int y = 0; y < taps.size(); y++) {
            Arrays.fill(sums, HALF);
            for (int tap = 0; tap < taps.count[y]; tap++) {
                int factor = taps.weights[y * taps.most + tap];
                int at = row * (taps.first[y] - firstRow + tap);
                for (int i = 0; i < row; i++) {
                    sums[i] += (from[at + i] & 255) * factor;
                }
            }
            for (int i = 0; i < row; i++) {
                to[row * y + i] = rounded(sums[i]);
            }
        }
        return to;
    }

    private static byte rounded(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PLACES));
    }
}

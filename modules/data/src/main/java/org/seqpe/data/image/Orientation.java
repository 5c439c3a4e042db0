package org.seqpe.data.image;

/**
 * How a stored picture must be turned or mirrored to stand upright (EXIF 2.32, tag 0x0112). The constants are in the
 * order of the tag's values 1 to 8.
 */
enum Orientation {
    UPRIGHT(false, false, false),
    MIRRORED(false, true, false),
    HALF_TURN(false, true, true),
    UPSIDE_DOWN_MIRROR(false, false, true),
    TRANSPOSED(true, false, false),
    QUARTER_TURN_RIGHT(true, false, true),
    TRANSVERSED(true, true, true),
    QUARTER_TURN_LEFT(true, true, false);

    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY = 12;

    /** Whether the new rows are the stored columns. */
    private final boolean swaps;
    /** Whether stored columns are read from the right. */
    private final boolean fromRight;
    /** Whether stored rows are read from below. */
    private final boolean fromBelow;

    Orientation(boolean swaps, boolean fromRight, boolean fromBelow) {
        this.swaps = swaps;
        this.fromRight = fromRight;
        this.fromBelow = fromBelow;
    }

    /**
     * Reads the orientation from EXIF data, which is a small TIFF file. Data that cannot be read, or that has no
     * orientation, says upright.
     *
     * @param from where the TIFF header starts
     * @param to where the data ends
     */
    static Orientation ofExif(byte[] bytes, int from, int to) {
        if (from + 8 > to) {
            return UPRIGHT;
        }
        boolean little = bytes[from] == 'I' && bytes[from + 1] == 'I';
        boolean big = bytes[from] == 'M' && bytes[from + 1] == 'M';
        if (!little && !big) {
            return UPRIGHT;
        }
        long offset = number(bytes, from + 4, 4, little);
        if (offset < 8 || offset + 2 > to - from) {
            return UPRIGHT;
        }
        int directory = from + (int) offset;
        int entries = (int) number(bytes, directory, 2, little);
        for (int i = 0; i < entries; i++) {
            int entry = directory + 2 + ENTRY * i;
            if (entry + ENTRY > to) {
                return UPRIGHT;
            }
            if (number(bytes, entry, 2, little) == TAG && number(bytes, entry + 2, 2, little) == SHORT) {
                int value = (int) number(bytes, entry + 8, 2, little);
                return value >= 1 && value <= values().length ? values()[value - 1] : UPRIGHT;
            }
        }
        return UPRIGHT;
    }

    private static long number(byte[] bytes, int from, int count, boolean little) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | (bytes[little ? from + count - 1 - i : from + i] & 255);
        }
        return value;
    }

    /** The picture as it stands upright. */
    Picture apply(Picture stored) {
        if (this == UPRIGHT) {
            return stored;
        }
        int width = swaps ? stored.height() : stored.width();
        int height = swaps ? stored.width() : stored.height();
        byte[] from = stored.rgb();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column = swaps ? y : x;
                int row = swaps ? x : y;
                column = fromRight ? stored.width() - 1 - column : column;
                row = fromBelow ? stored.height() - 1 - row : row;
                int pixel = Picture.CHANNELS * (row * stored.width() + column);
                to[at++] = from[pixel];
                to[at++] = from[pixel + 1];
                to[at++] = from[pixel + 2];
            }
        }
        return new Picture(width, height, to);
    }
}

package org.seqpe.data.image;

import org.seqpe.data.image.PictureException.Reason;

/**
 * Turns the bytes of a JPEG or PNG file into a {@link Picture}. Only the bytes count, never a file's name.
 *
 * <ul>
 *   <li>JPEG: baseline, extended and progressive with 8 bits, in grey, YCbCr, RGB, CMYK and YCCK. The orientation that
 *       EXIF data names is applied, so that a picture stands as its camera saw it. PyTorch's ImageFolder, and so the
 *       usual ImageNet recipes, does not apply it; a few pictures of such datasets differ for that reason.
 *   <li>PNG: every colour type and depth, interlaced or not. Of 16 bits the upper 8 are taken. Of an animation the
 *       default image is taken.
 *   <li>Transparency is dropped and the colours below it are kept, as Pillow's {@code convert("RGB")} does. A colour
 *       profile or a gamma value is not applied, as in Pillow.
 * </ul>
 *
 * <p>A picture of more than {@link #MOST_PIXELS} pixels, or with a side above {@link #LONGEST_SIDE}, is refused from
 * its header, before anything of its size is allocated. So is one whose file is too short to hold as many pixels as its
 * header claims. Decoding takes at most about 11 bytes of heap for every pixel, and 6 bytes of other memory for those
 * of a progressive JPEG.
 *
 * <p>Decoding writes nothing to the standard streams and may run in any number of threads.
 */
public final class PictureDecoder {
    /** More pixels than this are refused. */
    public static final int MOST_PIXELS = 100_000_000;

    /** A longer side is refused too; JPEG has none. */
    public static final int LONGEST_SIDE = 65_535;

    private PictureDecoder() {}

    /**
     * Decodes a file.
     *
     * @param bytes the whole file
     * @throws PictureException if it is no picture that can be used; the reason says why
     */
    public static Picture decode(byte[] bytes) throws PictureException {
        if (bytes.length == 0) {
            throw new PictureException(Reason.EMPTY, "0 bytes");
        }
        if (JpegFile.starts(bytes)) {
            return JpegDecoder.decode(bytes);
        }
        if (PngFile.starts(bytes)) {
            return PngDecoder.decode(bytes);
        }
        if (JpegFile.couldStart(bytes) || PngFile.couldStart(bytes)) {
            throw new PictureException(Reason.TRUNCATED, "only " + bytes.length + " bytes");
        }
        throw new PictureException(Reason.UNKNOWN, firstBytes(bytes));
    }

    /**
     * Checks the size that a header claims.
     *
     * @throws PictureException if it is none, or beyond what is allowed
     */
    static void checkSize(long width, long height) throws PictureException {
        if (width < 1 || height < 1) {
            throw new PictureException(Reason.BROKEN, "its header says " + width + " x " + height + " pixels");
        }
        if (width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > MOST_PIXELS) {
            throw new PictureException(
                    Reason.TOO_LARGE,
                    "its header says " + width + " x " + height + " pixels; at most " + MOST_PIXELS + " with sides of "
                            + LONGEST_SIDE);
        }
    }

    private static String firstBytes(byte[] bytes) {
        StringBuilder text = new StringBuilder("it starts with");
        for (int i = 0; i < Math.min(bytes.length, 8); i++) {
            text.append(' ')
                    .append(Character.forDigit((bytes[i] >> 4) & 15, 16))
                    .append(Character.forDigit(bytes[i] & 15, 16));
        }
        return text.toString();
    }
}

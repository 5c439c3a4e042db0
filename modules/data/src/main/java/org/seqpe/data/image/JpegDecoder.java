package org.seqpe.data.image;

import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageReader;
import org.seqpe.data.image.JpegFile.Colour;
import org.seqpe.data.image.PictureException.Reason;

/**
 * Decodes JPEG. The JDK's reader, which is the Independent JPEG Group's library, turns entropy-coded data into
 * components of full size. The components become red, green and blue here, in that library's fixed-point arithmetic.
 *
 * <p>Four components with Adobe's marker are inks that are stored inverted. Without the marker they are taken as they
 * are; Pillow takes those as inverted too.
 */
final class JpegDecoder {
    /** libjpeg's warning about bytes that follow a scan's last pixel; all pixels are there. */
    private static final String EXTRANEOUS = "extraneous bytes before marker";

    private static final int FRACTION = 16;
    private static final int HALF = 1 << (FRACTION - 1);
    /** The factors of ITU-T T.871 in fixed point: 1.402, 0.34414, 0.71414 and 1.772. */
    private static final int RED_OF_CR = 91881;

    private static final int GREEN_OF_CB = 22554;
    private static final int GREEN_OF_CR = 46802;
    private static final int BLUE_OF_CB = 116130;

    private JpegDecoder() {}

    /** Decodes a file that starts as JPEG does; see {@link PictureDecoder#decode}. */
    static Picture decode(byte[] bytes) throws PictureException {
        JpegFile file = JpegFile.read(bytes);
        List<String> warnings = new ArrayList<>();
        byte[] components;
        try {
            components = components(file, warnings);
        } catch (IOException | RuntimeException e) {
            throw damaged(file, String.valueOf(e.getMessage()));
        }
        for (String warning : warnings) {
            if (!warning.contains(EXTRANEOUS)) {
                throw damaged(file, warning);
            }
        }
        return file.orientation().apply(new Picture(file.width(), file.height(), rgb(file, components)));
    }

    private static PictureException damaged(JpegFile file, String detail) {
        return new PictureException(file.ended() ? Reason.BROKEN : Reason.TRUNCATED, detail);
    }

    /** The stored components: [height, width, components]. */
    private static byte[] components(JpegFile file, List<String> warnings) throws IOException {
        ImageReader reader = JdkReaders.jpeg();
        try (BytesInput input = new BytesInput(file.withoutMetadata())) {
            reader.addIIOReadWarningListener((from, warning) -> warnings.add(warning));
            reader.setInput(input, true, true);
            return interleaved(reader.readRaster(0, null), file);
        } finally {
            reader.dispose();
        }
    }

    private static byte[] interleaved(Raster raster, JpegFile file) throws IOException {
        int bands = file.components();
        if (raster.getWidth() != file.width() || raster.getHeight() != file.height() || raster.getNumBands() != bands) {
            throw new IOException("the decoder found " + raster.getWidth() + " x " + raster.getHeight() + " x "
                    + raster.getNumBands() + " values");
        }
        if (raster.getDataBuffer() instanceof DataBufferByte buffer
                && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                && isPlain(model, bands)
                && buffer.getData().length == bands * file.width() * file.height()) {
            return buffer.getData();
        }
        throw new IOException("the decoder gave its values as " + raster.getSampleModel());
    }

    private static boolean isPlain(PixelInterleavedSampleModel model, int bands) {
        int[] offsets = model.getBandOffsets();
        for (int i = 0; i < bands; i++) {
            if (offsets[i] != i) {
                return false;
            }
        }
        return model.getPixelStride() == bands && model.getScanlineStride() == bands * model.getWidth();
    }

    /** Red, green and blue; in the same array where it has the same size. */
    private static byte[] rgb(JpegFile file, byte[] components) {
        Colour colour = file.colour();
        if (colour == Colour.GREY) {
            byte[] rgb = new byte[Picture.CHANNELS * components.length];
            for (int i = 0; i < components.length; i++) {
                rgb[3 * i] = components[i];
                rgb[3 * i + 1] = components[i];
                rgb[3 * i + 2] = components[i];
            }
            return rgb;
        }
        if (colour == Colour.YCBCR || colour == Colour.YCCK) {
            fromYcbcr(components, file.components());
        }
        return file.components() == Picture.CHANNELS
                ? components
                : fromInks(components, colour == Colour.YCCK, file.inverted());
    }

    /** Replaces the first three components of every pixel. */
    private static void fromYcbcr(byte[] values, int stride) {
        for (int i = 0; i < values.length; i += stride) {
            int luma = values[i] & 255;
            int cb = (values[i + 1] & 255) - 128;
            int cr = (values[i + 2] & 255) - 128;
            values[i] = clamp(luma + ((RED_OF_CR * cr + HALF) >> FRACTION));
            values[i + 1] = clamp(luma + ((-GREEN_OF_CB * cb - GREEN_OF_CR * cr + HALF) >> FRACTION));
            values[i + 2] = clamp(luma + ((BLUE_OF_CB * cb + HALF) >> FRACTION));
        }
    }

    private static byte clamp(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }

    /**
     * The colour of cyan, magenta, yellow and black ink: what ink leaves of white, and of that what black leaves.
     *
     * @param complements whether the first three are already what cyan, magenta and yellow leave, by the definition of
     *     YCCK
     * @param inverted whether inks are stored as what they leave
     */
    private static byte[] fromInks(byte[] inks, boolean complements, boolean inverted) {
        byte[] rgb = new byte[inks.length / 4 * Picture.CHANNELS];
        int flip = inverted ? 0 : 255;
        int flipFirst = flip ^ (complements ? 255 : 0);
        for (int from = 0, to = 0; from < inks.length; from += 4, to += 3) {
            int black = (inks[from + 3] & 255) ^ flip;
            for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                int left = (inks[from + channel] & 255) ^ flipFirst;
                rgb[to + channel] = clamp(black - product(255 - left, black));
            }
        }
        return rgb;
    }

    /** a * b / 255, rounded, as Pillow computes it. */
    private static int product(int a, int b) {
        int scaled = a * b + 128;
        return ((scaled >> 8) + scaled) >> 8;
    }
}

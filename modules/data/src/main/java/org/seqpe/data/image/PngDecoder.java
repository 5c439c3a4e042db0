package org.seqpe.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageReader;
import org.seqpe.data.image.PictureException.Reason;

/** Decodes PNG with the JDK's reader. */
final class PngDecoder {
    private PngDecoder() {}

    /** Decodes a file that starts as PNG does; see {@link PictureDecoder#decode}. */
    static Picture decode(byte[] bytes) throws PictureException {
        PngFile file = PngFile.read(bytes);
        List<String> warnings = new ArrayList<>();
        BufferedImage image;
        try {
            image = image(file, warnings);
        } catch (IOException | RuntimeException e) {
            throw refusal(e);
        }
        if (!warnings.isEmpty()) {
            throw new PictureException(Reason.BROKEN, warnings.get(0));
        }
        return new Picture(file.width(), file.height(), rgb(image, file.depth()));
    }

    /** The reader wraps what it met while it read pixels. */
    private static PictureException refusal(Exception failure) {
        if (failure.getCause() instanceof EOFException) {
            return new PictureException(Reason.TRUNCATED, "its data is too short for its pixels");
        }
        Throwable first = failure.getCause() == null ? failure : failure.getCause();
        return new PictureException(Reason.BROKEN, String.valueOf(first.getMessage()));
    }

    private static BufferedImage image(PngFile file, List<String> warnings) throws IOException {
        ImageReader reader = JdkReaders.png();
        try (BytesInput input = new BytesInput(file.withoutMetadata())) {
            reader.addIIOReadWarningListener((from, warning) -> warnings.add(warning));
            reader.setInput(input, true, true);
            return reader.read(0);
        } finally {
            reader.dispose();
        }
    }

    /** From the stored samples: the JDK's own conversion would change grey values by a gamma curve. */
    private static byte[] rgb(BufferedImage image, int depth) {
        Raster raster = image.getRaster();
        int width = image.getWidth();
        int bands = raster.getNumBands();
        int green = bands < 3 ? 0 : 1;
        int blue = bands < 3 ? 0 : 2;
        int shift = Math.max(0, depth - 8);
        int[] palette = palette(image);
        int[] row = new int[width * bands];
        byte[] rgb = new byte[Picture.CHANNELS * width * image.getHeight()];
        int at = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int i = 0; i < row.length; i += bands) {
                if (palette.length > 0) {
                    int colour = row[i] < palette.length ? palette[row[i]] : 0;
                    rgb[at++] = (byte) (colour >> 16);
                    rgb[at++] = (byte) (colour >> 8);
                    rgb[at++] = (byte) colour;
                } else {
                    rgb[at++] = (byte) (row[i] >> shift);
                    rgb[at++] = (byte) (row[i + green] >> shift);
                    rgb[at++] = (byte) (row[i + blue] >> shift);
                }
            }
        }
        return rgb;
    }

    /** The colours of a picture with a palette, which one of few grey levels has too; otherwise none. */
    private static int[] palette(BufferedImage image) {
        if (!(image.getColorModel() instanceof IndexColorModel model)) {
            return new int[0];
        }
        int[] colours = new int[model.getMapSize()];
        model.getRGBs(colours);
        return colours;
    }
}

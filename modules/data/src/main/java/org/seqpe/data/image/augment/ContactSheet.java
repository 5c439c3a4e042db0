package org.seqpe.data.image.augment;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.data.image.Picture;

/**
 * A picture of many views in rows, to look at what training sees. It has no text, for which Java needs fonts that a
 * server often lacks.
 */
public final class ContactSheet {
    /** White pixels around each view. */
    private static final int GAP = 4;

    private static final int WHITE = 0xffffff;

    private ContactSheet() {}

    /**
     * Draws views from left to right and from top to bottom.
     *
     * @param views each [3, rows, columns], normalized
     * @param size rows and columns of each
     * @param config mean and standard deviation of the normalization, which is undone
     * @param perRow views in a row, at least 1
     * @return a PNG file
     * @throws IllegalArgumentException if there is no view, or one is not of that size
     */
    public static byte[] png(List<float[]> views, Resolution size, ImageConfig config, int perRow) {
        if (views.isEmpty() || perRow < 1) {
            throw new IllegalArgumentException(
                    "Cannot draw a contact sheet: expected views and at least 1 in a row, found " + views.size()
                            + " views and " + perRow + " in a row");
        }
        Normalization normalization = new Normalization(config);
        int across = Math.min(perRow, views.size());
        int down = (views.size() + across - 1) / across;
        BufferedImage sheet = new BufferedImage(
                across * (size.columns() + GAP) + GAP, down * (size.rows() + GAP) + GAP, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < sheet.getHeight(); y++) {
            for (int x = 0; x < sheet.getWidth(); x++) {
                sheet.setRGB(x, y, WHITE);
            }
        }
        for (int i = 0; i < views.size(); i++) {
            Views.checkRoom(views.get(i), views.get(i).length - Views.length(size), size);
            int left = GAP + i % across * (size.columns() + GAP);
            int top = GAP + i / across * (size.rows() + GAP);
            draw(views.get(i), size, normalization, sheet, left, top);
        }
        return bytes(sheet);
    }

    private static void draw(
            float[] view, Resolution size, Normalization normalization, BufferedImage sheet, int left, int top) {
        int plane = size.rows() * size.columns();
        for (int at = 0; at < plane; at++) {
            int colour = 0;
            for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                colour = colour << 8 | normalization.value(view[channel * plane + at], channel);
            }
            sheet.setRGB(left + at % size.columns(), top + at / size.columns(), colour);
        }
    }

    private static byte[] bytes(BufferedImage sheet) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(sheet, "png", output)) {
                throw new IllegalStateException("Cannot draw a contact sheet: this Java runtime has no writer for PNG");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}

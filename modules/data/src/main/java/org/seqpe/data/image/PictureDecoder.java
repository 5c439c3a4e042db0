package org.seqpe.data.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.seqpe.data.image.PictureException.Reason;

/** Turns the bytes of a JPEG or PNG file into a {@link Picture}. */
public final class PictureDecoder {
    private PictureDecoder() {}

    /** @throws PictureException if they are no picture that can be used */
    public static Picture decode(byte[] bytes) throws PictureException {
        if (bytes.length == 0) {
            throw new PictureException(Reason.EMPTY, "0 bytes");
        }
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
            if (image == null) {
                throw new PictureException(Reason.UNKNOWN, bytes.length + " bytes");
            }
            byte[] rgb = new byte[Picture.CHANNELS * image.getWidth() * image.getHeight()];
            int at = 0;
            for (int pixel : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())) {
                rgb[at++] = (byte) (pixel >> 16);
                rgb[at++] = (byte) (pixel >> 8);
                rgb[at++] = (byte) pixel;
            }
            return new Picture(image.getWidth(), image.getHeight(), rgb);
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new PictureException(Reason.BROKEN, String.valueOf(e.getMessage()));
        }
    }
}

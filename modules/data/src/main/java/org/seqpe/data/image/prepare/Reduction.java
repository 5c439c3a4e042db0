package org.seqpe.data.image.prepare;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.Resampling;
import org.seqpe.data.image.shard.PictureFormat;

/**
 * Makes large pictures smaller: bicubic resampling to a given short side, the long side in proportion and rounded down,
 * as torchvision's Resize has it. A JPEG file becomes one of quality 95, a PNG file one of 8-bit RGB. Both stand as
 * their orientation says, and have no metadata.
 */
final class Reduction {
    private static final float JPEG_QUALITY = 0.95f;

    private Reduction() {}

    /**
     * @param file the bytes of a file
     * @param picture the same, decoded
     * @param shortSide pixels, or 0 to keep every file
     * @return the file itself if the picture's short side is no longer than that, otherwise a new one
     */
    static byte[] of(byte[] file, Picture picture, int shortSide) {
        int present = Math.min(picture.width(), picture.height());
        if (shortSide == 0 || present <= shortSide) {
            return file;
        }
        int longSide = (int) ((long) shortSide * Math.max(picture.width(), picture.height()) / present);
        boolean isWide = picture.width() > picture.height();
        Picture small =
                Resampling.BICUBIC.resize(picture, isWide ? longSide : shortSide, isWide ? shortSide : longSide);
        return encode(small, PictureFormat.of(file).orElseThrow());
    }

    private static byte[] encode(Picture picture, PictureFormat format) {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_3BYTE_BGR);
        byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        byte[] rgb = picture.rgb();
        for (int i = 0; i < rgb.length; i += Picture.CHANNELS) {
            bgr[i] = rgb[i + 2];
            bgr[i + 1] = rgb[i + 1];
            bgr[i + 2] = rgb[i];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer =
                ImageIO.getImageWritersByFormatName(format.extension()).next();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            if (format == PictureFormat.JPEG) {
                parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                parameters.setCompressionQuality(JPEG_QUALITY);
            }
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot encode a picture: " + e.getMessage(), e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}

package org.seqpe.data.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;

/** Small files that tests write themselves. */
final class ImageWriting {
    private ImageWriting() {}

    static byte[] jpeg(BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, "jpg", bytes)) {
            throw new IOException("no writer");
        }
        return bytes.toByteArray();
    }

    /** @param rows filter bytes and samples, before compression */
    static byte[] png(int width, int height, int depth, int colourType, byte[] rows) throws IOException {
        byte[] header = new byte[13];
        number(header, 0, width);
        number(header, 4, height);
        header[8] = (byte) depth;
        header[9] = (byte) colourType;
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(data)) {
            deflater.write(rows);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        chunk(file, "IHDR", header);
        chunk(file, "IDAT", data.toByteArray());
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] content) {
        byte[] chunk = new byte[content.length + 12];
        number(chunk, 0, content.length);
        for (int i = 0; i < 4; i++) {
            chunk[4 + i] = (byte) type.charAt(i);
        }
        System.arraycopy(content, 0, chunk, 8, content.length);
        CRC32 checksum = new CRC32();
        checksum.update(chunk, 4, content.length + 4);
        number(chunk, 8 + content.length, (int) checksum.getValue());
        file.writeBytes(chunk);
    }

    /** Writes four bytes, the highest first. */
    static void number(byte[] bytes, int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >> (24 - 8 * i));
        }
    }

    /** Reads four bytes, the highest first. */
    static int number(byte[] bytes, int at) {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            value = value << 8 | (bytes[at + i] & 255);
        }
        return value;
    }
}

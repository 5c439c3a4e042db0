package org.seqpe.data.image.prepare;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Small pictures and archives, each different from the others by its number. */
final class SamplePictures {
    private SamplePictures() {}

    static byte[] jpeg(int number) throws IOException {
        return encode("jpg", number, 24, 16);
    }

    static byte[] png(int number) throws IOException {
        return encode("png", number, 16, 24);
    }

    static byte[] encode(String format, int number, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(new Color(number * 7919 & 0xFFFFFF));
        pen.fillRect(0, 0, width, height);
        pen.setColor(new Color(number * 104729 & 0xFFFFFF));
        pen.fillRect(width / 4, height / 4, width / 2, height / 2);
        pen.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, format, bytes);
        return bytes.toByteArray();
    }

    /** An archive with the members in the order of the map; long names take GNU's or POSIX's extension. */
    static byte[] tar(Map<String, byte[]> members, int longNames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(longNames);
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(member.getKey());
                entry.setSize(member.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(member.getValue());
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    static byte[] tar(Map<String, byte[]> members) throws IOException {
        return tar(members, TarArchiveOutputStream.LONGFILE_GNU);
    }
}

package org.seqpe.data.image;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import org.seqpe.data.image.PictureException.Reason;

/**
 * What the chunks of a PNG file say (PNG specification, third edition, section 5), and the file with only the chunks
 * that its colours need. Checksums of those are verified.
 */
final class PngFile {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int IHDR = 0x49484452;
    private static final int PLTE = 0x504c5445;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454e44;
    /** Length, type and checksum. */
    private static final int AROUND_CHUNK = 12;
    /** Set in the type of a chunk that a decoder may ignore. */
    private static final int ANCILLARY = 0x20000000;
    /** A byte of deflate's output takes at least a bit in this many (RFC 1951: 258 bytes by 2 bits). */
    private static final int MOST_OF_A_BYTE = 1032;

    private static final int INDEXED = 3;

    private final byte[] bytes;
    private final ByteArrayOutputStream kept;
    private long width;
    private long height;
    private int depth;
    private int colourType;
    private long data;
    private boolean palette;

    private PngFile(byte[] bytes) {
        this.bytes = bytes;
        this.kept = new ByteArrayOutputStream(bytes.length);
    }

    /** Whether a file with these first bytes is a PNG file. */
    static boolean starts(byte[] bytes) {
        return bytes.length >= SIGNATURE.length && couldStart(bytes);
    }

    /** Whether these few bytes could become one. */
    static boolean couldStart(byte[] bytes) {
        for (int i = 0; i < Math.min(SIGNATURE.length, bytes.length); i++) {
            if (bytes[i] != SIGNATURE[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads all chunks.
     *
     * @throws PictureException if no picture can be decoded from the file
     */
    static PngFile read(byte[] bytes) throws PictureException {
        PngFile file = new PngFile(bytes);
        file.kept.write(bytes, 0, SIGNATURE.length);
        file.readChunks();
        return file;
    }

    int width() {
        return (int) width;
    }

    int height() {
        return (int) height;
    }

    /** Bits of a sample, or of a palette's index. */
    int depth() {
        return depth;
    }

    /** The file without chunks that a decoder may ignore. */
    byte[] withoutMetadata() {
        return kept.toByteArray();
    }

    private void readChunks() throws PictureException {
        int at = SIGNATURE.length;
        int type = 0;
        while (type != IEND) {
            if (at + AROUND_CHUNK > bytes.length) {
                throw new PictureException(Reason.TRUNCATED, "no end chunk in " + bytes.length + " bytes");
            }
            long length = number(at);
            type = (int) number(at + 4);
            boolean first = at == SIGNATURE.length;
            if (first != (type == IHDR)) {
                throw new PictureException(Reason.BROKEN, "a chunk " + name(type) + " at byte " + at);
            }
            if (first && length == 13 && bytes.length >= at + AROUND_CHUNK + 13) {
                readHeader(at + 8);
            }
            if (length > bytes.length - at - AROUND_CHUNK) {
                throw new PictureException(
                        Reason.TRUNCATED,
                        "a chunk " + name(type) + " of " + length + " bytes at byte " + at + " of " + bytes.length);
            }
            int size = (int) length + AROUND_CHUNK;
            if ((type & ANCILLARY) == 0) {
                keep(type, at, size);
            }
            at += size;
        }
        if (data == 0) {
            throw new PictureException(Reason.BROKEN, "it has no pixels");
        }
        if (colourType == INDEXED && !palette) {
            throw new PictureException(Reason.BROKEN, "it has no palette");
        }
        checkData();
    }

    private void keep(int type, int at, int size) throws PictureException {
        switch (type) {
            case IHDR -> {
                if (size != 13 + AROUND_CHUNK) {
                    throw new PictureException(Reason.BROKEN, "a header of " + (size - AROUND_CHUNK) + " bytes");
                }
            }
            case IDAT -> data += size - AROUND_CHUNK;
            case PLTE -> palette = true;
            case IEND -> {}
            default -> throw new PictureException(Reason.UNSUPPORTED, "a PNG chunk " + name(type));
        }
        CRC32 checksum = new CRC32();
        checksum.update(bytes, at + 4, size - 8);
        if (checksum.getValue() != number(at + size - 4)) {
            throw new PictureException(Reason.BROKEN, "the checksum of chunk " + name(type) + " at byte " + at);
        }
        kept.write(bytes, at, size);
    }

    private void readHeader(int from) throws PictureException {
        width = number(from);
        height = number(from + 4);
        PictureDecoder.checkSize(width, height);
        depth = bytes[from + 8];
        colourType = bytes[from + 9];
        boolean known = samples() > 0
                && Integer.bitCount(depth) == 1
                && depth >= (colourType == 0 || colourType == INDEXED ? 1 : 8)
                && depth <= (colourType == INDEXED ? 8 : 16)
                && bytes[from + 10] == 0
                && bytes[from + 11] == 0
                && (bytes[from + 12] == 0 || bytes[from + 12] == 1);
        if (!known) {
            throw new PictureException(
                    Reason.UNSUPPORTED,
                    "PNG of colour type " + colourType + ", " + depth + " bits, methods " + bytes[from + 10] + ", "
                            + bytes[from + 11] + ", " + bytes[from + 12]);
        }
    }

    private int samples() {
        return switch (colourType) {
            case 0, INDEXED -> 1;
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> 0;
        };
    }

    private void checkData() throws PictureException {
        long least = height * (width * samples() * depth / 8);
        if (least / MOST_OF_A_BYTE > data) {
            throw new PictureException(
                    Reason.TRUNCATED,
                    "its header says " + width + " x " + height + " pixels, which " + data + " bytes cannot hold");
        }
    }

    private long number(int from) {
        return (bytes[from] & 255L) << 24
                | (bytes[from + 1] & 255L) << 16
                | (bytes[from + 2] & 255L) << 8
                | (bytes[from + 3] & 255L);
    }

    private static String name(int type) {
        StringBuilder name = new StringBuilder();
        for (int shift = 24; shift >= 0; shift -= 8) {
            char letter = (char) (type >> shift & 255);
            name.append(letter > ' ' && letter < 127 ? letter : '?');
        }
        return name.toString();
    }
}

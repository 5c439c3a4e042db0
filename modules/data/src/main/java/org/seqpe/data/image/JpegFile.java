package org.seqpe.data.image;

import java.io.ByteArrayOutputStream;
import org.seqpe.data.image.PictureException.Reason;

/**
 * What the markers of a JPEG file say (ITU-T T.81, annex B), and the file with only those parts that its pixels need.
 * Reading stops at the end-of-image marker; what follows, such as a phone's second picture, is not looked at.
 */
final class JpegFile {
    /** How the components of a pixel are to be read. */
    enum Colour {
        GREY,
        RGB,
        YCBCR,
        CMYK,
        YCCK
    }

    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int DQT = 0xdb;
    private static final int DNL = 0xdc;
    private static final int DRI = 0xdd;
    private static final int DHT = 0xc4;
    private static final int DAC = 0xcc;
    private static final int JPG = 0xc8;
    private static final int APP0 = 0xe0;
    private static final int APP1 = 0xe1;
    private static final int APP14 = 0xee;
    private static final int TEM = 0x01;
    private static final int RST0 = 0xd0;
    private static final int RST7 = 0xd7;
    /** The JDK's reader computes the whole picture anew after every scan, and usual files have about ten. */
    private static final int MOST_SCANS = 100;

    /** Adobe's marker with transform 0: the decoder is to leave the components as they are. */
    private static final byte[] AS_STORED = {
        (byte) 0xff, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
    };

    private final byte[] bytes;
    private final ByteArrayOutputStream kept;
    private int at = 2;

    private int width;
    private int height;
    private int[] identifiers = {};
    private boolean progressive;
    private boolean jfif;
    private int adobe = -1;
    private Orientation orientation = Orientation.UPRIGHT;
    private int scans;
    private int componentsSeen;
    private boolean ended;

    private JpegFile(byte[] bytes) {
        this.bytes = bytes;
        this.kept = new ByteArrayOutputStream(bytes.length + 2 * AS_STORED.length);
    }

    /** Whether a file with these first bytes is a JPEG file. */
    static boolean starts(byte[] bytes) {
        return bytes.length >= 3 && couldStart(bytes);
    }

    /** Whether these few bytes could become one. */
    static boolean couldStart(byte[] bytes) {
        int[] start = {0xff, SOI, 0xff};
        for (int i = 0; i < Math.min(start.length, bytes.length); i++) {
            if ((bytes[i] & 255) != start[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads all markers.
     *
     * @throws PictureException if no picture can be decoded from the file
     */
    static JpegFile read(byte[] bytes) throws PictureException {
        JpegFile file = new JpegFile(bytes);
        file.keep(0, 2);
        file.readMarkers();
        file.checkScans();
        return file;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    int components() {
        return identifiers.length;
    }

    Orientation orientation() {
        return orientation;
    }

    /** Whether the file has its end-of-image marker. */
    boolean ended() {
        return ended;
    }

    /** Whether the components are stored inverted, as Adobe's programs store inks. */
    boolean inverted() {
        return adobe >= 0;
    }

    /**
     * The file without application data and comments, with an end-of-image marker, and marked so that a decoder does
     * not change the components' meaning.
     */
    byte[] withoutMetadata() {
        return kept.toByteArray();
    }

    /** The meaning of the components, by the rules of the Independent JPEG Group's library. */
    Colour colour() {
        return switch (identifiers.length) {
            case 1 -> Colour.GREY;
            case 3 -> threeComponents();
            default -> adobe > 0 ? Colour.YCCK : Colour.CMYK;
        };
    }

    private Colour threeComponents() {
        if (jfif) {
            return Colour.YCBCR;
        }
        if (adobe >= 0) {
            return adobe == 0 ? Colour.RGB : Colour.YCBCR;
        }
        boolean letters = identifiers[0] == 'R' && identifiers[1] == 'G' && identifiers[2] == 'B';
        return letters ? Colour.RGB : Colour.YCBCR;
    }

    private void readMarkers() throws PictureException {
        while (true) {
            int marker = nextMarker();
            if (marker < 0 || marker == EOI) {
                ended = marker == EOI;
                break;
            }
            if (marker == TEM || marker == SOI || (marker >= RST0 && marker <= RST7)) {
                continue;
            }
            int start = at - 2;
            int length = segmentLength();
            if (length < 0) {
                break;
            }
            readSegment(marker, at + 2, length - 2);
            at += length;
            if (marker == SOS) {
                at = afterEntropyCoded(at);
            }
            if (marker == SOS || marker == DQT || marker == DHT || marker == DRI || isFrame(marker)) {
                keep(start, at - start);
            }
        }
        kept.write(0xff);
        kept.write(EOI);
    }

    /** The code after the next 0xff, with the position behind it; -1 at the end of the bytes. */
    private int nextMarker() {
        while (at < bytes.length) {
            if (bytes[at++] == (byte) 0xff) {
                while (at < bytes.length && bytes[at] == (byte) 0xff) {
                    at++;
                }
                if (at < bytes.length && bytes[at] != 0) {
                    return bytes[at++] & 255;
                }
            }
        }
        return -1;
    }

    /** The length that the segment at the position gives itself; -1 if the file ends before it does. */
    private int segmentLength() throws PictureException {
        if (at + 2 > bytes.length) {
            return -1;
        }
        int length = twoBytes(at);
        if (length < 2) {
            throw new PictureException(Reason.BROKEN, "a segment of length " + length + " at byte " + at);
        }
        return at + length > bytes.length ? -1 : length;
    }

    private int afterEntropyCoded(int from) {
        int i = from;
        while (i + 1 < bytes.length) {
            if (bytes[i] == (byte) 0xff) {
                int next = bytes[i + 1] & 255;
                if (next != 0 && next != 0xff && (next < RST0 || next > RST7)) {
                    return i;
                }
                if (next != 0xff) {
                    i++;
                }
            }
            i++;
        }
        return bytes.length;
    }

    private void readSegment(int marker, int from, int length) throws PictureException {
        if (isFrame(marker)) {
            readFrame(marker, from, length);
        } else if (marker == SOS) {
            readScan(from, length);
        } else if (marker == DAC || marker == DNL) {
            throw new PictureException(Reason.UNSUPPORTED, "a JPEG marker " + hex(marker));
        } else if (marker == APP0) {
            jfif |= length >= 14 && hasText(from, "JFIF\0");
        } else if (marker == APP14) {
            if (length >= 12 && hasText(from, "Adobe")) {
                adobe = bytes[from + 11] & 255;
            }
        } else if (marker == APP1 && orientation == Orientation.UPRIGHT && hasText(from, "Exif\0", length)) {
            orientation = Orientation.ofExif(bytes, from + 6, from + length);
        }
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != DHT && marker != JPG && marker != DAC;
    }

    private void readFrame(int marker, int from, int length) throws PictureException {
        if (identifiers.length > 0) {
            throw new PictureException(Reason.UNSUPPORTED, "a JPEG file with more than one frame");
        }
        if (marker > 0xc2) {
            throw new PictureException(
                    Reason.UNSUPPORTED, "JPEG of the kind " + hex(marker) + ", such as lossless or arithmetic coding");
        }
        if (length < 6) {
            throw new PictureException(Reason.BROKEN, "a frame header of " + length + " bytes");
        }
        int precision = bytes[from] & 255;
        height = twoBytes(from + 1);
        width = twoBytes(from + 3);
        int components = bytes[from + 5] & 255;
        progressive = marker == 0xc2;
        if (precision != 8) {
            throw new PictureException(Reason.UNSUPPORTED, "JPEG with " + precision + " bits for a component");
        }
        if (height == 0) {
            throw new PictureException(Reason.UNSUPPORTED, "JPEG whose header leaves its height open");
        }
        PictureDecoder.checkSize(width, height);
        if (components != 1 && components != 3 && components != 4) {
            throw new PictureException(Reason.UNSUPPORTED, "JPEG with " + components + " components");
        }
        if (length < 6 + 3 * components) {
            throw new PictureException(Reason.BROKEN, "a frame header of " + length + " bytes");
        }
        identifiers = new int[components];
        for (int i = 0; i < components; i++) {
            identifiers[i] = bytes[from + 6 + 3 * i] & 255;
        }
        checkBlocks(from + 6);
    }

    /** Every block of 8 x 8 values takes at least a bit. */
    private void checkBlocks(int from) throws PictureException {
        int most = 1;
        int mostDown = 1;
        for (int i = 0; i < identifiers.length; i++) {
            int across = across(from, i);
            int down = down(from, i);
            if (across < 1 || across > 4 || down < 1 || down > 4) {
                throw new PictureException(Reason.BROKEN, "sampling factors " + across + " and " + down);
            }
            most = Math.max(most, across);
            mostDown = Math.max(mostDown, down);
        }
        long blocks = 0;
        for (int i = 0; i < identifiers.length; i++) {
            long columns = ceilDiv((long) width * across(from, i), 8L * most);
            long rows = ceilDiv((long) height * down(from, i), 8L * mostDown);
            blocks += columns * rows;
        }
        if (blocks > 8L * bytes.length) {
            throw new PictureException(
                    Reason.TRUNCATED,
                    "its header says " + width + " x " + height + " pixels, which " + bytes.length
                            + " bytes cannot hold");
        }
    }

    private int across(int from, int component) {
        return (bytes[from + 3 * component + 1] >> 4) & 15;
    }

    private int down(int from, int component) {
        return bytes[from + 3 * component + 1] & 15;
    }

    private static long ceilDiv(long value, long divisor) {
        return (value + divisor - 1) / divisor;
    }

    private void readScan(int from, int length) throws PictureException {
        if (identifiers.length == 0) {
            throw new PictureException(Reason.BROKEN, "a scan before the frame header");
        }
        int components = length < 1 ? 0 : bytes[from] & 255;
        if (components < 1 || components > 4 || length < 4 + 2 * components) {
            throw new PictureException(Reason.BROKEN, "a scan header of " + length + " bytes");
        }
        if (++scans > MOST_SCANS) {
            throw new PictureException(Reason.UNSUPPORTED, "JPEG with more than " + MOST_SCANS + " scans");
        }
        if (scans == 1 && identifiers.length > 1) {
            kept.write(AS_STORED, 0, AS_STORED.length);
        }
        for (int i = 0; i < components; i++) {
            for (int j = 0; j < identifiers.length; j++) {
                if (identifiers[j] == (bytes[from + 1 + 2 * i] & 255)) {
                    componentsSeen |= 1 << j;
                }
            }
        }
    }

    private void checkScans() throws PictureException {
        boolean complete = scans > 0 && componentsSeen == (1 << identifiers.length) - 1;
        if (!ended && (progressive || !complete)) {
            throw new PictureException(Reason.TRUNCATED, "no end-of-image marker in " + bytes.length + " bytes");
        }
        if (!complete) {
            throw new PictureException(Reason.BROKEN, "it has no pixels for some of its components");
        }
    }

    private boolean hasText(int from, String text, int length) {
        return length >= text.length() && hasText(from, text);
    }

    private boolean hasText(int from, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (bytes[from + i] != (byte) text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int twoBytes(int from) {
        return (bytes[from] & 255) << 8 | (bytes[from + 1] & 255);
    }

    private void keep(int from, int length) {
        kept.write(bytes, from, length);
    }

    private static String hex(int marker) {
        return "0xff" + Integer.toHexString(marker);
    }
}

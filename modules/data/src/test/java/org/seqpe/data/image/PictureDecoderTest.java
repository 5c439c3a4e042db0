package org.seqpe.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.PictureException.Reason;

class PictureDecoderTest {
    @Test
    void decodesEveryKindOfFileAsPillowDoes() throws IOException {
        SoftAssertions all = new SoftAssertions();
        List<List<String>> cases = PillowResults.of("file");
        for (List<String> words : cases) {
            try {
                Picture picture = PictureDecoder.decode(PillowResults.resource(words.get(0)));
                all.assertThat(picture.width() + " " + picture.height() + " " + PillowResults.hash(picture))
                        .as(words.get(0))
                        .isEqualTo(String.join(" ", words.subList(1, 4)));
            } catch (PictureException e) {
                all.fail(words.get(0) + ": " + e.getMessage());
            }
        }
        assertThat(cases).hasSizeGreaterThan(30);
        all.assertAll();
    }

    /** Corners of a picture whose quarters have four colours, seen as each orientation says. */
    @ParameterizedTest
    @CsvSource({"1,RGBW", "2,GRWB", "3,WBGR", "4,BWRG", "5,RBGW", "6,BRWG", "7,WGBR", "8,GWRB"})
    void turnsAPictureUpright(int orientation, String corners) throws Exception {
        byte[] plain = ImageWriting.jpeg(quarters());
        byte[] exif = HexFormat.of()
                .parseHex("457869660000" + "4d4d002a00000008" + "0001" + "011200030000000100" + "0" + orientation
                        + "0000" + "00000000");
        Picture picture = PictureDecoder.decode(withSegment(plain, 0xe1, exif));
        int far = picture.width() - 8;
        int low = picture.height() - 8;
        assertThat(picture.width() > picture.height()).isEqualTo(orientation <= 4);
        assertThat(letter(picture, 8, 8)
                        + letter(picture, far, 8)
                        + letter(picture, 8, low)
                        + letter(picture, far, low))
                .isEqualTo(corners);
    }

    private static BufferedImage quarters() {
        BufferedImage image = new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB);
        int[] colours = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 64; x++) {
                image.setRGB(x, y, colours[2 * (y / 16) + x / 32]);
            }
        }
        return image;
    }

    private static String letter(Picture picture, int x, int y) {
        int at = 3 * (y * picture.width() + x);
        boolean red = (picture.rgb()[at] & 255) > 128;
        boolean green = (picture.rgb()[at + 1] & 255) > 128;
        return red && green ? "W" : red ? "R" : green ? "G" : "B";
    }

    @Test
    void metadataOfAnyKindDoesNotMatter() throws Exception {
        byte[] plain = ImageWriting.jpeg(quarters());
        Picture expected = PictureDecoder.decode(plain);
        byte[] changed = plain;
        changed = withSegment(changed, 0xe2, "ICC_PROFILE\0\1\2nonsense".getBytes(StandardCharsets.ISO_8859_1));
        changed = withSegment(changed, 0xe1, "Exif\0\0II*\0\377\377\377\377".getBytes(StandardCharsets.ISO_8859_1));
        changed = withSegment(changed, 0xe1, "Exif\0\0MM".getBytes(StandardCharsets.ISO_8859_1));
        changed = withSegment(changed, 0xe1, new byte[0]);
        changed = withSegment(changed, 0xfe, "a comment".getBytes(StandardCharsets.ISO_8859_1));
        changed = Arrays.copyOf(changed, changed.length + 1000);
        assertThat(PictureDecoder.decode(changed)).usingRecursiveComparison().isEqualTo(expected);
    }

    @Test
    void otherFilesAreUnknown() {
        for (String start : List.of("GIF89a\1\0\1\0", "BM123456", "RIFF\0\0\0\0WEBPVP8 ", "hello", "\0", "<svg/>")) {
            assertThat(reason(start.getBytes(StandardCharsets.ISO_8859_1)))
                    .as(start)
                    .isEqualTo(Reason.UNKNOWN);
        }
        assertThat(reason(new byte[0])).isEqualTo(Reason.EMPTY);
        PictureException e = refused("GIF89a".getBytes(StandardCharsets.US_ASCII));
        assertThat(e).hasMessage("neither JPEG nor PNG (it starts with 47 49 46 38 39 61)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "baseline-420.jpg",
                "progressive.jpg",
                "grey.jpg",
                "restart.jpg",
                "cmyk-adobe.jpg",
                "rgb.jpg",
                "rgb.png",
                "palette.png",
                "interlaced.png",
                "animated.png",
                "alpha.png"
            })
    void aTruncatedFileIsRefusedWhereverItEnds(String name) throws Exception {
        byte[] whole = PillowResults.resource(name);
        Picture expected = PictureDecoder.decode(whole);
        for (int length = 1; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            boolean onlyTheEndMarkerIsMissing = name.endsWith("jpg") && length >= whole.length - 2;
            if (onlyTheEndMarkerIsMissing && !name.startsWith("progressive")) {
                assertThat(PictureDecoder.decode(part))
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
            } else {
                assertThat(reason(part)).as(name + ", " + length).isEqualTo(Reason.TRUNCATED);
            }
        }
    }

    @Test
    void aDamagedFileNeverDoesMoreThanBeRefused() throws Exception {
        RandomStream random = new RandomStream(3);
        for (String name : List.of(
                "baseline-422.jpg",
                "progressive.jpg",
                "restart.jpg",
                "ycck.jpg",
                "orientation-6.jpg",
                "rgb-16.png",
                "palette-4-bits.png",
                "interlaced-2-bits.png",
                "animated.png")) {
            byte[] whole = PillowResults.resource(name);
            for (int i = 0; i < 500; i++) {
                byte[] damaged = whole.clone();
                for (int change = random.nextInt(4); change >= 0; change--) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
                if (name.endsWith("png")) {
                    withChecksums(damaged);
                }
                try {
                    assertThat(PictureDecoder.decode(damaged)).isNotNull();
                } catch (PictureException e) {
                    assertThat(e.getMessage()).startsWith(e.reason().words() + " (");
                }
            }
        }
    }

    @Test
    void damageIsSeen() throws Exception {
        byte[] jpeg = PillowResults.resource("restart.jpg");
        Arrays.fill(jpeg, jpeg.length - 60, jpeg.length - 30, (byte) 0x55);
        assertThat(reason(jpeg)).isEqualTo(Reason.BROKEN);
        byte[] png = PillowResults.resource("rgb.png");
        png[png.length - 30] ^= 1;
        assertThat(refused(png)).hasMessageContaining("damaged (the checksum of chunk IDAT at byte ");
        byte[] shortData = ImageWriting.png(7, 5, 8, 2, new byte[50]);
        assertThat(refused(shortData))
                .hasMessage("ends before the picture does (its data is too short for its pixels)");
        byte[] wrongFilter = ImageWriting.png(2, 1, 8, 2, new byte[] {77, 0, 0, 0, 0, 0, 0});
        assertThat(reason(wrongFilter)).isEqualTo(Reason.BROKEN);
    }

    /** As much memory as such a picture takes is not there: Surefire's machine has 2 GB. */
    @Test
    void aHugePictureIsRefusedFromItsHeader() throws Exception {
        byte[] jpeg = PillowResults.resource("baseline-420.jpg");
        assertThat(reason(withJpegSize(jpeg, 65535, 65535))).isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(withJpegSize(jpeg, 10001, 10000))).isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(withJpegSize(jpeg, 10000, 10000))).isEqualTo(Reason.TRUNCATED);
        assertThat(reason(withJpegSize(jpeg, 0, 10000))).isEqualTo(Reason.BROKEN);
        assertThat(reason(withJpegSize(jpeg, 10000, 0))).isEqualTo(Reason.UNSUPPORTED);
        byte[] png = PillowResults.resource("rgb.png");
        assertThat(reason(withPngSize(png, Integer.MAX_VALUE, Integer.MAX_VALUE)))
                .isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(withPngSize(png, 1, 65536))).isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(withPngSize(png, -1, 1))).isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(withPngSize(png, 10000, 10000))).isEqualTo(Reason.TRUNCATED);
        assertThat(reason(withPngSize(png, 0, 1))).isEqualTo(Reason.BROKEN);
        assertThat(refused(withJpegSize(jpeg, 65535, 65535)))
                .hasMessage("more pixels than allowed (its header says 65535 x 65535 pixels; at most 100000000 with"
                        + " sides of 65535)");
        // The header alone is enough.
        assertThat(reason(Arrays.copyOf(withPngSize(png, 20000, 20000), 33))).isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void formsOfJpegThatCannotBeReadAreNamed() throws Exception {
        byte[] jpeg = PillowResults.resource("baseline-420.jpg");
        byte[] twelveBits = jpeg.clone();
        twelveBits[frame(jpeg) + 4] = 12;
        assertThat(refused(twelveBits))
                .hasMessage("a form of JPEG or PNG that cannot be read (JPEG with 12 bits for a component)");
        byte[] arithmetic = jpeg.clone();
        arithmetic[frame(jpeg) + 1] = (byte) 0xc9;
        assertThat(reason(arithmetic)).isEqualTo(Reason.UNSUPPORTED);
    }

    /** A file with thousands of scans keeps a decoder busy for hours. */
    @Test
    void aFileOfTooManyScansIsRefused() throws Exception {
        byte[] jpeg = PillowResults.resource("progressive.jpg");
        int scan = new String(jpeg, StandardCharsets.ISO_8859_1).indexOf("\377\332");
        int next = new String(jpeg, StandardCharsets.ISO_8859_1).indexOf("\377\304", scan);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(jpeg, 0, next);
        for (int i = 0; i < 100; i++) {
            many.write(jpeg, scan, next - scan);
        }
        many.write(jpeg, next, jpeg.length - next);
        assertThat(refused(many.toByteArray())).hasMessageContaining("more than 100 scans");
    }

    @Test
    void decodesInManyThreadsToTheSameBits() throws Exception {
        byte[] jpeg = PillowResults.resource("progressive.jpg");
        String expected = PillowResults.hash(PictureDecoder.decode(jpeg));
        List<String> hashes = IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> {
                    try {
                        return PillowResults.hash(PictureDecoder.decode(jpeg));
                    } catch (PictureException e) {
                        return e.getMessage();
                    }
                })
                .distinct()
                .toList();
        assertThat(hashes).containsExactly(expected);
    }

    private static int frame(byte[] jpeg) {
        return new String(jpeg, StandardCharsets.ISO_8859_1).indexOf("\377\300");
    }

    private static byte[] withJpegSize(byte[] jpeg, int width, int height) {
        byte[] changed = jpeg.clone();
        int frame = frame(jpeg);
        changed[frame + 5] = (byte) (height >> 8);
        changed[frame + 6] = (byte) height;
        changed[frame + 7] = (byte) (width >> 8);
        changed[frame + 8] = (byte) width;
        return changed;
    }

    private static byte[] withPngSize(byte[] png, int width, int height) {
        byte[] changed = png.clone();
        ImageWriting.number(changed, 16, width);
        ImageWriting.number(changed, 20, height);
        withChecksums(changed);
        return changed;
    }

    /** Corrects the checksums of the chunks that can be found. */
    private static void withChecksums(byte[] png) {
        int at = 8;
        while (at + 12 <= png.length) {
            int length = ImageWriting.number(png, at);
            if (length < 0 || length > png.length - at - 12) {
                return;
            }
            CRC32 checksum = new CRC32();
            checksum.update(png, at + 4, length + 4);
            ImageWriting.number(png, at + 8 + length, (int) checksum.getValue());
            at += length + 12;
        }
    }

    private static byte[] withSegment(byte[] jpeg, int marker, byte[] content) {
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(jpeg, 0, 2);
        changed.write(0xff);
        changed.write(marker);
        changed.write((content.length + 2) >> 8);
        changed.write(content.length + 2);
        changed.writeBytes(content);
        changed.write(jpeg, 2, jpeg.length - 2);
        return changed.toByteArray();
    }

    private static Reason reason(byte[] bytes) {
        PictureException e = refused(bytes);
        return e == null ? null : e.reason();
    }

    private static PictureException refused(byte[] bytes) {
        return catchThrowableOfType(() -> PictureDecoder.decode(bytes), PictureException.class);
    }
}

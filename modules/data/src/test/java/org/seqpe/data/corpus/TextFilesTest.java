package org.seqpe.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.UserException;

class TextFilesTest {
    private static final byte[] FIRST = text(1, 300_000);
    private static final byte[] SECOND = text(2, 200_000);

    @TempDir
    private Path folder;

    /** Words that do not compress to almost nothing. */
    private static byte[] text(long seed, int bytes) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        while (text.length() < bytes) {
            text.append(Long.toString(random.nextLong() >>> 20, 36)).append(random.nextInt(8) == 0 ? '\n' : ' ');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] compress(Compression compression, byte[] text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out =
                switch (compression) {
                    case GZIP -> new GZIPOutputStream(bytes);
                    case BZIP2 -> new BZip2CompressorOutputStream(bytes);
                    case ZSTD -> new ZstdOutputStream(bytes).setChecksum(true);
                }) {
            out.write(text);
        }
        return bytes.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private String file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes).toString();
    }

    private static byte[] read(String path) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        TextFiles.read(path, (bytes, count) -> content.write(bytes, 0, count));
        assertThat(TextFiles.length(path)).isEqualTo(content.size());
        return content.toByteArray();
    }

    private void assertRefused(String name, byte[] bytes, String... parts) throws IOException {
        String path = file(name, bytes);
        assertThatThrownBy(() -> read(path))
                .as(name)
                .isInstanceOf(UserException.class)
                .hasMessageContaining(path)
                .hasMessageContainingAll(parts);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void compressedTextIsReadWhateverItsNameAndNumberOfMembers(Compression compression) throws IOException {
        byte[] first = compress(compression, FIRST);
        byte[] all = join(first, compress(compression, new byte[0]), compress(compression, SECOND));
        for (String name : new String[] {"a.txt", "a", "a.txt.gz", "a.txt.zst", "a.lz4"}) {
            assertThat(read(file(name, all))).as(name).isEqualTo(join(FIRST, SECOND));
        }
        assertThat(read(file("empty.txt", compress(compression, new byte[0])))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void dataThatIsCutOffOrDamagedIsRefusedByName(Compression compression) throws IOException {
        byte[] first = compress(compression, FIRST);
        byte[] second = compress(compression, SECOND);
        for (int missing : new int[] {1, 4, 1000, first.length - 12}) {
            assertRefused(
                    "cut.txt", Arrays.copyOf(first, first.length - missing), "the compressed data ends too early");
        }
        assertRefused("second.txt", join(first, Arrays.copyOf(second, 10)), "compressed data");
        assertRefused("member.txt", join(first, Arrays.copyOf(second, 1)), "compressed data");
        for (int at : new int[] {first.length / 2, first.length - 2}) {
            byte[] damaged = first.clone();
            damaged[at] ^= 0x55;
            assertRefused("damaged.txt", damaged, "compressed data");
        }
        assertRefused("garbage.txt", join(first, latin1("and more text")), "");
    }

    @Test
    void gzipMayBePaddedWithZerosButNotFollowedByOtherBytes() throws IOException {
        byte[] first = compress(Compression.GZIP, FIRST);
        assertThat(read(file("padded.txt.gz", join(first, new byte[1])))).isEqualTo(FIRST);
        assertThat(read(file("block.txt.gz", join(first, new byte[100_000])))).isEqualTo(FIRST);
        assertRefused("garbage.txt.gz", join(first, latin1("more")), "after its gzip data", "gzip -dc");
        assertRefused("later.txt.gz", join(first, new byte[600], first), "after its gzip data");
    }

    @Test
    void zstdFramesThatReadersSkipAreSkippedAndHugeWindowsRefused() throws IOException {
        byte[] skipped = HexFormat.of().parseHex("502a4d1804000000deadbeef");
        byte[] first = compress(Compression.ZSTD, FIRST);
        assertThat(read(file("a.txt.zst", join(skipped, first, skipped, compress(Compression.ZSTD, SECOND), skipped))))
                .isEqualTo(join(FIRST, SECOND));
        // A frame whose header asks for a window of 2 GiB; the memory for it is never taken.
        byte[] huge = HexFormat.of().parseHex("28b52ffd00a8010000");
        assertRefused("huge.txt.zst", huge, "128 MiB", "--long");
        assertRefused("dictionary.txt.zst", withDictionary(), "compressed data");
    }

    private static byte[] withDictionary() {
        byte[] dictionary = text(3, 5000);
        return Zstd.compressUsingDict(text(4, 5000), dictionary, 3);
    }

    @ParameterizedTest
    @CsvSource({
        "a.txt.lz4, 04224d18644068, lz4",
        "a.txt.xz, fd377a585a000004, xz",
        "a.lzma, 5d00008000ffffff, lzma",
        "a.txt, 1f9d90, (.Z)",
        "a.zip, 504b030414000000, zip",
        "a.docx, 504b030414000600, zip",
        "a.7z, 377abcaf271c0004, 7z",
        "a.rar, 526172211a0701, rar",
        "a.doc, d0cf11e0a1b11ae1, OLE",
        "a.pdf, 255044462d312e340a, PDF",
        "a.png, 89504e470d0a1a0a, PNG",
        "a.jpg, ffd8ffe000104a46, JPEG",
        "a.o, 7f454c46020101, ELF",
        "A.class, cafebabe00000041, class",
        "a.db, 53514c69746520666f726d6174203300, SQLite",
        "a.h5, 894844460d0a1a0a, HDF5",
        "a.npy, 934e554d50590100, NumPy",
        "a.parquet, 504152311504, --corpus parquet",
        "a.arrow, 4152524f57310000, Arrow",
        "a.avro, 4f626a0104, Avro",
        "a.orc, 4f524300000000000000000000, ORC",
        "a.gif, 474946383961000000000000000000, GIF",
        "u.txt, fffe68006900, UTF-16LE",
        "u.txt, feff00680069, UTF-16BE",
        "u.txt, fffe000068000000, UTF-32LE",
        "u.txt, 0000feff00000068, UTF-32BE"
    })
    void otherFormatsAreRefusedByNameWithARemedy(String name, String hex, String part) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertRefused(name, bytes, part);
        assertRefused("no-suffix", bytes, part);
        assertRefused(name + ".gz", compress(Compression.GZIP, bytes), part);
    }

    @Test
    void archivesInsideCompressionAndDoubleCompressionAreRefused() throws IOException {
        byte[] tar = new byte[1024];
        System.arraycopy(latin1("a.txt"), 0, tar, 0, 5);
        System.arraycopy(latin1("ustar\00000"), 0, tar, 257, 8);
        assertRefused("a.tgz", compress(Compression.GZIP, tar), "tar");
        assertRefused("a.tar", tar, "tar");
        for (Compression inner : Compression.values()) {
            assertRefused("twice.txt.zst", compress(Compression.ZSTD, compress(inner, FIRST)), "twice");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.txt.gz",
                "a.txt.bz2",
                "a.zst",
                "A.TXT.GZ",
                "a.txt.lz4",
                "a.xz",
                "a.snappy",
                "a.deflate",
                "a.zip"
            })
    void textWhoseNameSaysThatItIsCompressedIsRefused(String name) throws IOException {
        assertRefused(name, FIRST, "its content is not compressed", "Take the suffix off");
        assertRefused(name, new byte[0], "empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.txt.br", "a.txt.sz", "a.txt.snappy", "a.txt.deflate", "a.txt.lz4"})
    void compressionWithoutASignOfItsOwnIsToldByTheName(String name) throws IOException {
        byte[] noise = new byte[5000];
        new Random(5).nextBytes(noise);
        noise[0] = 'n';
        assertRefused(name, noise, name.substring(5), "gzip, bzip2 or zstd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void encodingsWithoutAMarkAreToldByTheirBytes(String encoding) throws IOException {
        Charset charset = Charset.forName(encoding);
        for (String text : new String[] {
            "hi", "A text of two lines,\nwhich is English.\n", "Один текст на русском языке.\n".repeat(30)
        }) {
            assertRefused("a.txt", text.getBytes(charset), encoding, "iconv -f " + encoding);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
    void chineseWithoutNulsInUtf16IsToldByItsStops(String encoding) throws IOException {
        assertRefused("a.txt", "这是一个没有空格的文本，它有很多句子。第二句话在这里。".repeat(40).getBytes(Charset.forName(encoding)), encoding);
    }

    @Test
    void bytesThatAreNoTextAreRefused() throws IOException {
        byte[] noise = new byte[100_000];
        new Random(6).nextBytes(noise);
        assertRefused("a.txt", noise, "a.txt");
        assertRefused("zeros.txt", new byte[5000], "NUL");
        byte[] controls = FIRST.clone();
        for (int i = 0; i < controls.length; i += 10) {
            controls[i] = 1;
        }
        assertRefused("controls.txt", controls, "control characters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PK is a name",
                "BM and BMW",
                "BZh is no word",
                "BZh9 neither",
                "GIF89a is a format",
                "ORCHIDS grow here",
                "%PDF is a format",
                "%! said he",
                "MZ",
                "Rar! she said",
                "ID3 tags",
                "{not JSON}",
                "[1] A footnote",
                "{",
                "[",
                "7z",
                "RIFFs of rock",
                "SEQUOIA",
                "\ufeffA mark of UTF-8",
                "a stray \0 in a text that is long enough",
                "\u001b[31mred\u001b[0m",
                "\b\f\u000b\u001c\u001d\u0085",
                "x",
                "0707070 is a number",
                "Q\u00fcd",
                "\ud83d\ude42"
            })
    void realTextIsNotMistaken(String beginning) throws IOException {
        byte[] text = beginning.getBytes(StandardCharsets.UTF_8);
        assertThat(read(file("a", text))).isEqualTo(text);
        byte[] more = join(text, latin1("\nand so on\n"), FIRST);
        assertThat(read(file("a.br", more))).isEqualTo(more);
    }

    @Test
    void latin1AndCharactersAcrossTheEndOfWhatIsLookedAtPass() throws IOException {
        byte[] latin1 = latin1("caf\u00e9 na\u00efve \u00fcber\n".repeat(5000));
        assertThat(read(file("latin1.txt", latin1)))
                .as("documents of invalid UTF-8 are found one by one")
                .isEqualTo(latin1);
        byte[] odd = ("x" + "\u65e5".repeat(50_000)).getBytes(StandardCharsets.UTF_8);
        assertThatCode(() -> read(file("odd.txt", odd))).doesNotThrowAnyException();
    }
}

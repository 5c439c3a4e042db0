package org.seqpe.data.corpus;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.seqpe.core.UserException;

/** The compressions of text that can be read. A file's first bytes decide which one it has, never its name. */
enum Compression {
    GZIP("gzip", "1f8b"),
    BZIP2("bzip2", "425a68"),
    ZSTD("zstd", "28b52ffd");

    /** Number of bytes at the start of a file that decide the compression. */
    static final int HEAD = 10;

    /**
     * Regular expression for the suffix of a compressed file's name, whether or not the compression can be read here.
     * It also matches compressions that cannot be read, so that such files are refused rather than left out.
     */
    static final String SUFFIX = "(\\.(gz|gzip|bz2|zst|zstd|xz|lzma|lz|lz4|lzo|sz|snappy|br|Z|z|deflate|zip|7z|rar))?";
    /** Suffixes that have no other meaning. A file whose content contradicts such a suffix is not silently read. */
    private static final Pattern CERTAIN_SUFFIX = Pattern.compile(
            ".*\\.(gz|gzip|tgz|bz2|tbz2?|zst|zstd|tzst|xz|txz|lzma|lz4|lzo|snappy|deflate|zip|7z|rar|tar)");
    /**
     * Suffixes that also have another meaning, such as a language. They are used only to explain content that cannot be
     * text.
     */
    private static final Pattern POSSIBLE_SUFFIX = Pattern.compile(".*\\.(br|z|lz|sz)");

    /**
     * 128 MiB, the limit of the zstd tool. Memory for a window is allocated as soon as a frame asks for it. Only files
     * made with --long or --ultra ask for more.
     */
    private static final int ZSTD_WINDOW_LOG = 27;

    private static final String BZIP2_BLOCK = "314159265359";
    private static final String BZIP2_END = "177245385090";

    private final String tool;
    private final String magic;

    Compression(String tool, String magic) {
        this.tool = tool;
        this.magic = magic;
    }

    /** The compression that a file's first {@link #HEAD} bytes indicate, or empty. */
    static Optional<Compression> of(byte[] head) {
        String hex = HexFormat.of().formatHex(head);
        return Arrays.stream(values())
                .filter(compression -> compression.begins(hex))
                .findFirst();
    }

    private boolean begins(String hex) {
        return switch (this) {
            case GZIP -> hex.startsWith(magic);
                // A text may well begin with BZh, so this also requires the digit of the block size, and then the first
                // block or the end of an empty file.
            case BZIP2 -> hex.matches(magic + "3[1-9](" + BZIP2_BLOCK + "|" + BZIP2_END + ")");
                // A skippable frame may come before the data, as in pzstd's output.
            case ZSTD -> hex.startsWith(magic) || hex.matches("5[0-9a-f]2a4d18.*");
        };
    }

    /** The suffix of a name if it can only mean a compression or an archive; otherwise empty. */
    static String certainSuffix(String path) {
        return suffix(CERTAIN_SUFFIX, path);
    }

    /** The suffix of a name if it may mean a compression without a signature; otherwise empty. */
    static String possibleSuffix(String path) {
        return suffix(POSSIBLE_SUFFIX, path);
    }

    private static String suffix(Pattern pattern, String path) {
        Matcher matcher = pattern.matcher(path.toLowerCase(Locale.ROOT));
        return matcher.matches() ? "." + matcher.group(1) : "";
    }

    /** The names of the readable compressions, for messages. */
    static String names() {
        List<String> tools =
                Arrays.stream(values()).map(compression -> compression.tool).toList();
        return String.join(", ", tools.subList(0, tools.size() - 1)) + " or " + tools.get(tools.size() - 1);
    }

    /**
     * A stream that decompresses all members or frames of the file as it is read.
     *
     * @param stored the file's bytes; must support mark
     * @param path for messages
     */
    InputStream decompress(InputStream stored, String path) throws IOException {
        return switch (this) {
            case GZIP -> new GzipMembers(stored, path);
            case BZIP2 -> new BZip2CompressorInputStream(stored, true);
            case ZSTD -> zstd(stored, path);
        };
    }

    private static InputStream zstd(InputStream stored, String path) throws IOException {
        try {
            ZstdInputStreamNoFinalizer in = new ZstdInputStreamNoFinalizer(new ZstdFrames(stored));
            in.setLongMax(ZSTD_WINDOW_LOG);
            return in;
        } catch (LinkageError e) {
            throw new UserException(
                    "Cannot read " + path + ": the native library for zstd cannot be loaded (" + e.getMessage()
                            + "). Decompress the file with zstd -d, or give Java a temporary folder from which it may load libraries (-Djava.io.tmpdir).",
                    e);
        }
    }

    /**
     * The exception for a file whose data cannot be decompressed: it is damaged, is cut off, or needs too much memory.
     */
    UserException problem(String path, Exception e) {
        String start = "Cannot read " + path + ": ";
        if (e instanceof ZstdIOException zstd && zstd.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
            return new UserException(
                    start
                            + "its zstd data needs a window of more than 128 MiB of memory to be decompressed. Compress it again without --long"
                            + " or --ultra (zstd -d --memory=2048MB FILE).",
                    e);
        }
        String message = String.valueOf(e.getMessage());
        boolean early = e instanceof EOFException || message.contains("nexpected end") || message.contains("runcated");
        return new UserException(
                start + "the compressed data "
                        + (early ? "ends too early" : "is damaged (" + tool + ": " + message + ")")
                        + ". Fetch the file again.",
                e);
    }
}

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

/** The compressions of text that can be read. Which one a file has is told by its first bytes, never by its name. */
enum Compression {
    GZIP("gzip", "1f8b"),
    BZIP2("bzip2", "425a68"),
    ZSTD("zstd", "28b52ffd");

    /** How many first bytes of a file decide. */
    static final int HEAD = 10;

    /**
     * The end of the name of a file that is compressed, readable here or not; as a regular expression. A file whose
     * compression cannot be read is found by it like the others, so that it is refused rather than left out.
     */
    static final String SUFFIX = "(\\.(gz|gzip|bz2|zst|zstd|xz|lzma|lz|lz4|lzo|sz|snappy|br|Z|z|deflate|zip|7z|rar))?";
    /**
     * Suffixes that stand for nothing else, so that a file whose content is not what they say is not read as if nothing
     * were wrong.
     */
    private static final Pattern CERTAIN_SUFFIX = Pattern.compile(
            ".*\\.(gz|gzip|tgz|bz2|tbz2?|zst|zstd|tzst|xz|txz|lzma|lz4|lzo|snappy|deflate|zip|7z|rar|tar)");
    /** Suffixes that also stand for something else, such as a language: they only explain what cannot be text. */
    private static final Pattern POSSIBLE_SUFFIX = Pattern.compile(".*\\.(br|z|lz|sz)");

    /**
     * 128 MiB, the zstd tool's own bound. Memory for a window is taken as soon as a frame asks for it, and only --long
     * or --ultra ask for more.
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

    /** The compression that a file's first {@link #HEAD} bytes say, or none. */
    static Optional<Compression> of(byte[] head) {
        String hex = HexFormat.of().formatHex(head);
        return Arrays.stream(values())
                .filter(compression -> compression.begins(hex))
                .findFirst();
    }

    private boolean begins(String hex) {
        return switch (this) {
            case GZIP -> hex.startsWith(magic);
                // A text may well begin with BZh: the digit of the block size and the first block, or the end of an
                // empty file, have to follow.
            case BZIP2 -> hex.matches(magic + "3[1-9](" + BZIP2_BLOCK + "|" + BZIP2_END + ")");
                // A frame that readers skip may stand before the data, as pzstd writes it.
            case ZSTD -> hex.startsWith(magic) || hex.matches("5[0-9a-f]2a4d18.*");
        };
    }

    /** The suffix of a name, where it can stand for nothing but a compression or an archive; else empty. */
    static String certainSuffix(String path) {
        return suffix(CERTAIN_SUFFIX, path);
    }

    /** The suffix of a name, where it may stand for a compression that has no sign of its own; else empty. */
    static String possibleSuffix(String path) {
        return suffix(POSSIBLE_SUFFIX, path);
    }

    private static String suffix(Pattern pattern, String path) {
        Matcher matcher = pattern.matcher(path.toLowerCase(Locale.ROOT));
        return matcher.matches() ? "." + matcher.group(1) : "";
    }

    /** What can be read, for messages. */
    static String names() {
        List<String> tools =
                Arrays.stream(values()).map(compression -> compression.tool).toList();
        return String.join(", ", tools.subList(0, tools.size() - 1)) + " or " + tools.get(tools.size() - 1);
    }

    /**
     * Decompresses as it is read, all members or frames of the file.
     *
     * @param stored the file's bytes; it can mark
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

    /** What is wrong with a file whose data cannot be decompressed: damaged, cut off, or too demanding. */
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

package org.seqpe.data.corpus;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The bytes that identify a format other than text.
 *
 * @param format name of the format, for messages
 * @param at their offset in the file
 * @param bytes the bytes
 * @param certain whether no text begins with them; otherwise only a file with many NULs or control characters has this
 *     format
 * @param remedy what to do with such a file
 */
record Signature(String format, int at, byte[] bytes, boolean certain, String remedy) {
    private static final String DECOMPRESS = "Decompress it, or compress it with " + Compression.names() + " instead.";
    private static final String TWICE = "Decompress it once: it is compressed twice, or an archive.";
    private static final String UNPACK = "Unpack it and give the folder as --input.";
    private static final String CONVERT = "Convert it to plain text in UTF-8, or take it out of the input.";
    private static final String REMOVE = "Take it out of the input.";

    private static final List<Signature> ALL = List.of(
            certain("compressed with gzip", "\u001f\u008b", TWICE),
            certain("compressed with zstd", "(\u00b5/\u00fd", TWICE),
            certain("compressed with bzip2", "BZh91AY&SY", TWICE),
            certain("compressed with an old version of zstd", "\u00b5/\u00fd", 1, DECOMPRESS),
            certain("compressed with xz", "\u00fd7zXZ\0", DECOMPRESS),
            certain("compressed with lzma", "]\0\0", DECOMPRESS),
            certain("compressed with lz4", "\u0004\"M\u0018", DECOMPRESS),
            certain("compressed with lz4", "\u0002!L\u0018", DECOMPRESS),
            certain("compressed with lzop", "\u0089LZO\0", DECOMPRESS),
            certain("compressed with lzip", "LZIP\u0001", DECOMPRESS),
            certain("compressed with snappy", "\u00ff\u0006\0\0sNaPpY", DECOMPRESS),
            certain("compressed with snappy", "\u0082SNAPPY\0", DECOMPRESS),
            certain("compressed with compress (.Z)", "\u001f\u009d", DECOMPRESS),
            certain("compressed with pack or compress", "\u001f\u00a0", DECOMPRESS),
            certain(
                    "a zip archive, as Office documents, EPUB books, .npz and .jar files are too",
                    "PK\u0003\u0004",
                    UNPACK),
            certain("a zip archive", "PK\u0005\u0006", UNPACK),
            certain("a part of a zip archive", "PK\u0007\u0008", UNPACK),
            certain("a 7z archive", "7z\u00bc\u00af'\u001c", UNPACK),
            certain("a rar archive", "Rar!\u001a\u0007", UNPACK),
            certain("a tar archive", "ustar\0", 257, UNPACK),
            certain("a tar archive", "ustar  \0", 257, UNPACK),
            possible("an archive of ar or a .deb package", "!<arch>\n", UNPACK),
            possible("a cpio archive", "07070", UNPACK),
            certain("an old Office document (OLE)", "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1", CONVERT),
            certain("an RTF document", "{\\rtf1", CONVERT),
            certain("a PDF document", "%PDF-1.", CONVERT),
            certain("a PDF document", "%PDF-2.", CONVERT),
            certain("a PostScript document", "%!PS-Adobe-", CONVERT),
            possible("a DjVu document", "AT&TFORM", CONVERT),
            certain("a PNG image", "\u0089PNG\r\n\u001a\n", REMOVE),
            certain("a JPEG image", "\u00ff\u00d8\u00ff", REMOVE),
            possible("a GIF image", "GIF8", REMOVE),
            certain("a TIFF image", "II*\0", REMOVE),
            certain("a TIFF image", "MM\0*", REMOVE),
            possible("a WebP, WAV or AVI file", "RIFF", REMOVE),
            possible("an Ogg file", "OggS", REMOVE),
            possible("an MP3 file", "ID3", REMOVE),
            possible("an MP4 file", "ftyp", 4, REMOVE),
            possible("a bitmap", "BM", REMOVE),
            certain("a program (ELF)", "\u007fELF", REMOVE),
            possible("a Windows program", "MZ", REMOVE),
            certain("a Java class or a Mach-O program", "\u00ca\u00fe\u00ba\u00be", REMOVE),
            certain("a Mach-O program", "\u00cf\u00fa\u00ed\u00fe", REMOVE),
            certain("a WebAssembly module", "\0asm", REMOVE),
            certain("an SQLite database", "SQLite format 3\0", CONVERT),
            certain("an HDF5 file", "\u0089HDF\r\n\u001a\n", CONVERT),
            certain("a NumPy array", "\u0093NUMPY", CONVERT),
            certain("a Parquet file", "PAR1\u0015", "Read it with --corpus parquet, or take it out of the input."),
            possible("a Parquet file", "PAR1", "Read it with --corpus parquet, or take it out of the input."),
            certain("an Arrow file", "ARROW1\0\0", "Convert it to Parquet, or take it out of the input."),
            certain(
                    "an Arrow stream",
                    "\u00ff\u00ff\u00ff\u00ff",
                    "Convert it to Parquet, or take it out of the input."),
            possible("an ORC file", "ORC", "Convert it to Parquet, or take it out of the input."),
            certain("an Avro file", "Obj\u0001", "Convert it to Parquet, or take it out of the input."),
            possible("a Hadoop sequence file", "SEQ", CONVERT),
            certain("a Python pickle", "\u0080\u0002", CONVERT),
            certain("a Python pickle", "\u0080\u0003", CONVERT),
            certain("a Python pickle", "\u0080\u0004\u0095", CONVERT),
            certain("a Python pickle", "\u0080\u0005\u0095", CONVERT),
            certain("token data of Megatron-LM (.idx)", "MMIDIDX\0", REMOVE),
            possible("a GGUF model", "GGUF", REMOVE),
            certain(
                    "a pointer of Git LFS, not the file itself",
                    "version https://git-lfs.github.com/spec/",
                    "Fetch the file with: git lfs pull."));

    private static Signature certain(String format, String bytes, String remedy) {
        return certain(format, bytes, 0, remedy);
    }

    private static Signature certain(String format, String bytes, int at, String remedy) {
        return new Signature(format, at, bytes.getBytes(StandardCharsets.ISO_8859_1), true, remedy);
    }

    private static Signature possible(String format, String bytes, String remedy) {
        return possible(format, bytes, 0, remedy);
    }

    private static Signature possible(String format, String bytes, int at, String remedy) {
        return new Signature(format, at, bytes.getBytes(StandardCharsets.ISO_8859_1), false, remedy);
    }

    /**
     * The format that a file's first bytes indicate.
     *
     * @param isBinary whether there are NULs or control characters that no text has
     */
    static Optional<Signature> find(byte[] head, boolean isBinary) {
        return ALL.stream()
                .filter(signature -> signature.matches(head) && (signature.certain || isBinary))
                .findFirst();
    }

    private boolean matches(byte[] head) {
        return head.length >= at + bytes.length && Arrays.equals(head, at, at + bytes.length, bytes, 0, bytes.length);
    }
}

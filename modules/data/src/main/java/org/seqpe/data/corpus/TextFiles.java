package org.seqpe.data.corpus;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/** Text files, decompressed where their name says that they are compressed (.gz, .bz2). */
public final class TextFiles {
    private static final int BUFFER = 1 << 16;

    /** Takes bytes in order; only the first {@code count} of the array are theirs, and only until it returns. */
    @FunctionalInterface
    interface ByteSink {
        void accept(byte[] bytes, int count) throws IOException;
    }

    private TextFiles() {
    }

    static boolean isCompressed(String path) {
        return codec(path) != null;
    }

    private static CompressionCodec codec(String path) {
        return new CompressionCodecFactory(HadoopFiles.fileSystem(path).getConf()).getCodec(HadoopFiles.hadoopPath(path));
    }

    /**
     * Passes on all bytes of a file.
     *
     * @throws UserException if compressed data is damaged or ends early
     */
    static void read(String path, ByteSink sink) throws IOException {
        CompressionCodec codec = codec(path);
        try (InputStream stored = HadoopFiles.open(path); InputStream in = codec == null ? stored : codec.createInputStream(stored)) {
            byte[] buffer = new byte[BUFFER];
            for (int n = next(in, buffer, path, codec); n >= 0; n = next(in, buffer, path, codec)) {
                sink.accept(buffer, n);
            }
        }
    }

    private static int next(InputStream in, byte[] buffer, String path, CompressionCodec codec) throws IOException {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            if (codec != null) {
                String problem = e instanceof EOFException ? "the compressed data ends too early" : "the compressed data is damaged (" + e.getMessage() + ")";
                throw new UserException("Cannot read " + path + ": " + problem + ". Fetch the file again.", e);
            }
            throw new IOException("Cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    /** Decompressed length. */
    public static long length(String path) throws IOException {
        if (!isCompressed(path)) {
            return HadoopFiles.length(path);
        }
        long[] length = new long[1];
        read(path, (bytes, count) -> length[0] += count);
        return length[0];
    }
}

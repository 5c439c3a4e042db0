package org.seqpe.data.corpus;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/**
 * Reads text files. They are decompressed if their first bytes show that they are compressed ({@link Compression}), and
 * refused if they are not text ({@link ContentCheck}).
 */
public final class TextFiles {
    private static final int BUFFER = ContentCheck.HEAD;

    /** Takes bytes in order; only the first {@code count} of the array are valid, and only until the call returns. */
    @FunctionalInterface
    interface ByteSink {
        void accept(byte[] bytes, int count) throws IOException;
    }

    private TextFiles() {}

    /**
     * Passes on all bytes of a file.
     *
     * @throws UserException if it is not text, or compressed data is damaged or ends early
     */
    static void read(String path, ByteSink sink) throws IOException {
        read(path, ContentCheck.TEXT, sink);
    }

    /** Like {@link #read(String, ByteSink)}, but with another check of the content. */
    static void read(String path, ContentCheck check, ByteSink sink) throws IOException {
        try (Content content = Content.open(path)) {
            byte[] buffer = new byte[BUFFER];
            int count = content.fill(buffer);
            check.require(path, content.isCompressed(), buffer, count);
            while (count > 0) {
                sink.accept(buffer, count);
                count = content.fill(buffer);
            }
        }
    }

    /** The first bytes of a file's content, {@link ContentCheck#HEAD} at most, checked as {@link #read} does. */
    static byte[] head(String path, ContentCheck check) throws IOException {
        try (Content content = Content.open(path)) {
            byte[] buffer = new byte[BUFFER];
            int count = content.fill(buffer);
            check.require(path, content.isCompressed(), buffer, count);
            return Arrays.copyOf(buffer, count);
        }
    }

    /**
     * The whole content of a file that is one JSON document.
     *
     * @throws UserException if it is not text, is too large for memory, or is damaged compressed data
     */
    public static byte[] json(String path) throws IOException {
        BoundedText text = new BoundedText(() -> path, "Divide the file.");
        read(path, ContentCheck.JSON_LINES, (bytes, count) -> text.write(bytes, 0, count));
        return text.toByteArray();
    }

    /** Whether a name ends with one of some extensions, and with that of a compression or not. */
    public static boolean hasExtension(String name, String... extensions) {
        return name.matches(".*\\.(" + String.join("|", extensions) + ")" + Compression.SUFFIX);
    }

    /** Decompressed length. */
    public static long length(String path) throws IOException {
        try (Content content = Content.open(path)) {
            if (!content.isCompressed()) {
                return HadoopFiles.length(path);
            }
            byte[] buffer = new byte[BUFFER];
            long length = 0;
            for (int n = content.fill(buffer); n > 0; n = content.fill(buffer)) {
                length += n;
            }
            return length;
        }
    }

    /** A file's bytes, decompressed. */
    private record Content(String path, Optional<Compression> compression, InputStream in) implements AutoCloseable {
        static Content open(String path) throws IOException {
            InputStream stored = new BufferedInputStream(HadoopFiles.open(path), BUFFER);
            try {
                stored.mark(Compression.HEAD);
                Optional<Compression> compression = Compression.of(stored.readNBytes(Compression.HEAD));
                stored.reset();
                return new Content(
                        path,
                        compression,
                        compression.isEmpty() ? stored : decompress(compression.get(), stored, path));
            } catch (IOException | RuntimeException e) {
                stored.close();
                throw e;
            }
        }

        private static InputStream decompress(Compression compression, InputStream stored, String path) {
            try {
                return compression.decompress(stored, path);
            } catch (IOException e) {
                throw compression.problem(path, e);
            }
        }

        boolean isCompressed() {
            return compression.isPresent();
        }

        /** Reads until the buffer is full or the content ends; 0 only at its end. */
        int fill(byte[] buffer) throws IOException {
            try {
                return in.readNBytes(buffer, 0, buffer.length);
            } catch (UserException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                // Decoders throw either of them on invalid bytes.
                if (isCompressed()) {
                    throw compression.get().problem(path, e);
                }
                if (e instanceof RuntimeException unchecked) {
                    throw unchecked;
                }
                throw new IOException("Cannot read " + path + ": " + e.getMessage(), e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}

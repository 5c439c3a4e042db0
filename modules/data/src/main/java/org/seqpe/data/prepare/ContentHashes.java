package org.seqpe.data.prepare;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.seqpe.core.io.HadoopFiles;

/** Files with the first 8 bytes of each document's or picture's SHA-256. They show whether one is in several splits. */
final class ContentHashes {
    /** Minimum length in bytes. Shorter texts, such as a single heading, are equal by chance. */
    static final int LEAST_BYTES = 32;

    private static final int BUFFER = 1 << 16;

    private ContentHashes() {}

    /** Writes a file, if there is anything to write. */
    static final class Writer implements Closeable {
        private final String path;
        private DataOutputStream out;
        private boolean written;

        Writer(String path) {
            this.path = path;
        }

        void add(byte[] document) throws IOException {
            if (document.length >= LEAST_BYTES) {
                if (out == null) {
                    out = new DataOutputStream(new BufferedOutputStream(HadoopFiles.create(path), BUFFER));
                    written = true;
                }
                out.writeLong(ByteBuffer.wrap(HadoopFiles.newSha256().digest(document))
                        .getLong());
            }
        }

        /** The file's path, or nothing. */
        List<String> finish() {
            close();
            return written ? List.of(path) : List.of();
        }

        @Override
        public void close() {
            try {
                if (out != null) {
                    out.close();
                    out = null;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot write " + path + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Counts the documents of one split that are also in another. The hashes of the first split are held in memory, 8
     * bytes each.
     *
     * @param few files of the split whose documents are counted
     * @param many files of the other split
     * @return the number of documents of {@code few} that are in {@code many}, and the number of all documents of
     *     {@code few}
     */
    static long[] shared(List<String> few, List<String> many) {
        List<Long> read = new ArrayList<>();
        each(few, read::add);
        long[] sorted = read.stream().mapToLong(Long::longValue).sorted().toArray();
        BitSet found = new BitSet(sorted.length);
        each(many, hash -> {
            int at = Arrays.binarySearch(sorted, hash);
            if (at >= 0) {
                found.set(at);
            }
        });
        long shared = 0;
        for (int i = 0; i < sorted.length; ) {
            int end = i;
            boolean here = false;
            while (end < sorted.length && sorted[end] == sorted[i]) {
                here |= found.get(end++);
            }
            shared += here ? end - i : 0;
            i = end;
        }
        return new long[] {shared, sorted.length};
    }

    private interface Sink {
        void accept(long hash);
    }

    private static void each(List<String> files, Sink sink) {
        for (String path : files) {
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(HadoopFiles.open(path), BUFFER))) {
                for (long left = HadoopFiles.length(path) / Long.BYTES; left > 0; left--) {
                    sink.accept(in.readLong());
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + path + ": " + e.getMessage(), e);
            }
        }
    }
}

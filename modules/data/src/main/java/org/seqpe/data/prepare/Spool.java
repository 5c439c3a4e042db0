package org.seqpe.data.prepare;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.io.HadoopFiles;

/**
 * Writes the spool files of one split. A record is a number (4 bytes, big-endian), the length of its content (4) and
 * the content: the UTF-8 of a document, or the bytes of a picture. What the number means is up to those who write and
 * read.
 */
public final class Spool implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final String path;
    private final long fileBytes;
    private final SortedMap<String, Long> skipped = new TreeMap<>();
    private final List<SpoolFile> files = new ArrayList<>();
    private final ContentHashes.Writer hashes;
    private long documents;
    private String file;
    private long records;
    private long bytes;
    private DataOutputStream out;

    /**
     * @param path beginning of the files' paths
     * @param fileBytes a file is closed once its records have this many bytes
     * @param isHashed whether hashes of the contents are written too
     */
    public Spool(String path, long fileBytes, boolean isHashed) {
        this.path = path;
        this.fileBytes = fileBytes;
        this.hashes = isHashed ? new ContentHashes.Writer(path + "-hashes") : null;
    }

    /** Counts something that is left out. */
    public void skip(String reason) {
        skipped.merge(reason, 1L, Long::sum);
    }

    /** Appends a record. */
    public void add(int number, byte[] content) {
        add(number, content, content);
    }

    /**
     * Appends a record.
     *
     * @param compared what is equal in records that are compared as equal between splits
     */
    public void add(int number, byte[] content, byte[] compared) {
        try {
            if (out == null) {
                file = path + "-" + files.size();
                out = new DataOutputStream(new BufferedOutputStream(HadoopFiles.create(file), BUFFER));
                records = 0;
                bytes = 0;
            }
            out.writeInt(number);
            out.writeInt(content.length);
            out.write(content);
            if (hashes != null) {
                hashes.add(compared);
            }
            documents++;
            records++;
            bytes += content.length;
            if (bytes >= fileBytes) {
                end();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Closes the files and says what they hold. */
    public Collected finish() {
        end();
        return new Collected(documents, skipped, files, hashes == null ? List.of() : hashes.finish());
    }

    private void end() {
        if (out != null) {
            close(out);
            out = null;
            files.add(new SpoolFile(file, records, bytes));
        }
    }

    /** Closes what is open. After {@link #finish} it does nothing. */
    @Override
    public void close() {
        if (out != null) {
            close(out);
            out = null;
        }
        if (hashes != null) {
            hashes.close();
        }
    }

    private void close(Closeable open) {
        try {
            open.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException("Cannot write " + path + ": " + e.getMessage(), e);
    }

    /** Takes records in order. */
    @FunctionalInterface
    public interface Sink {
        void accept(int number, byte[] content) throws IOException;
    }

    /** Passes on the records of a file. */
    public static void read(SpoolFile file, Sink sink) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(HadoopFiles.open(file.path()), BUFFER))) {
            for (long left = file.records(); left > 0; left--) {
                int number = in.readInt();
                byte[] content = new byte[in.readInt()];
                in.readFully(content);
                sink.accept(number, content);
            }
        }
    }
}

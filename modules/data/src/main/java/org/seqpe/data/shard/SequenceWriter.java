package org.seqpe.data.shard;

import static org.seqpe.data.shard.ShardFormat.BIN;
import static org.seqpe.data.shard.ShardFormat.IDX;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.seqpe.core.io.HadoopFiles;

/**
 * Writes a pair of files {@code .bin} and {@code .idx}, sequence by sequence. Each document has the same number of
 * sequences. The tokens go to disk immediately; 4 bytes per sequence stay in memory until {@link #finish}. Not safe for
 * use by several threads.
 */
public final class SequenceWriter implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final String path;
    private final TokenType type;
    private final int perDocument;
    private final HashedFile bin;
    private final ByteBuffer chunk = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private int[] sizes = new int[16];
    private int sequences;
    private long tokens;

    /**
     * @param path path of the files without extension
     * @param perDocument sequences of each document, at least 1
     */
    public SequenceWriter(String path, TokenType type, int perDocument) {
        this.path = path;
        this.type = type;
        this.perDocument = perDocument;
        this.bin = new HashedFile(path + BIN);
    }

    /** Appends a sequence; a document begins after each {@code perDocument} of them. */
    public void add(int[] ids) {
        for (int next = 0; next < ids.length; ) {
            chunk.clear();
            for (int n = Math.min(ids.length - next, BUFFER / type.bytes()); n > 0; n--) {
                if (type == TokenType.UINT16) {
                    chunk.putShort((short) ids[next++]);
                } else {
                    chunk.putInt(ids[next++]);
                }
            }
            bin.write(chunk.array(), 0, chunk.position());
        }
        addToIndex(ids.length);
    }

    /** Appends all sequences of other files of the same type. */
    public void addAll(String otherPath, SequenceIndex other) {
        String otherBin = otherPath + BIN;
        try (InputStream in = HadoopFiles.open(otherBin)) {
            for (int n = in.read(chunk.array()); n >= 0; n = in.read(chunk.array())) {
                bin.write(chunk.array(), 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + otherBin + ": " + e.getMessage(), e);
        }
        for (int i = 0; i < other.sequences(); i++) {
            addToIndex(other.size(i));
        }
    }

    private void addToIndex(int size) {
        if (sequences == sizes.length) {
            sizes = Arrays.copyOf(sizes, Math.addExact(sequences, sequences >> 1));
        }
        sizes[sequences++] = size;
        tokens += size;
    }

    /**
     * Writes the index and closes both files.
     *
     * @throws IllegalStateException if the last document lacks a sequence
     */
    public SequenceInfo finish() {
        if (sequences % perDocument != 0) {
            throw new IllegalStateException("Cannot end " + path + ": expected " + perDocument
                    + " sequences a document, found " + sequences + " in all");
        }
        return new SequenceInfo(sequences / perDocument, perDocument, tokens, bin.finish(), writeIndex());
    }

    private StoredFile writeIndex() {
        int documents = sequences / perDocument;
        try (HashedFile idx = new HashedFile(path + IDX)) {
            ByteBuffer header = littleEndian(ShardFormat.IDX_HEADER);
            header.put(ShardFormat.IDX_MAGIC)
                    .putLong(ShardFormat.IDX_VERSION)
                    .put((byte) type.code())
                    .putLong(sequences)
                    .putLong(documents + 1L);
            idx.write(header.array(), 0, header.position());
            writeInts(idx, sizes, sequences);
            ByteBuffer number = littleEndian(Long.BYTES);
            long offset = 0;
            for (int i = 0; i < sequences; i++) {
                idx.write(number.putLong(0, offset).array(), 0, Long.BYTES);
                offset += (long) sizes[i] * type.bytes();
            }
            for (long i = 0; i <= documents; i++) {
                idx.write(number.putLong(0, i * perDocument).array(), 0, Long.BYTES);
            }
            return idx.finish();
        }
    }

    static void writeInts(HashedFile file, int[] values, int count) {
        ByteBuffer number = littleEndian(Integer.BYTES);
        for (int i = 0; i < count; i++) {
            file.write(number.putInt(0, values[i]).array(), 0, Integer.BYTES);
        }
    }

    static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Closes the token file. After {@link #finish} it does nothing. */
    @Override
    public void close() {
        bin.close();
    }
}

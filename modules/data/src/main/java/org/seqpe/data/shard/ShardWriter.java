package org.seqpe.data.shard;

import static org.seqpe.data.shard.ShardFormat.BIN;
import static org.seqpe.data.shard.ShardFormat.COUNTS;
import static org.seqpe.data.shard.ShardFormat.IDX;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.text.encoding.TextCounts;

/**
 * Writes one shard, document by document. The tokens go to disk immediately; 16 bytes per document stay in memory until
 * {@link #finish}. The files' bytes are a function of the documents alone. Not safe for use by several threads.
 */
public final class ShardWriter implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final String path;
    private final TokenType type;
    private final HashedFile bin;
    private final ByteBuffer chunk = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private int[] sizes = new int[16];
    private int[][] counts = new int[3][16];
    private int documents;
    private long tokens;
    private TextCounts text = TextCounts.ZERO;

    /** @param path path of the shard without extension */
    public ShardWriter(String path, TokenType type) {
        this.path = path;
        this.type = type;
        this.bin = new HashedFile(path + BIN);
    }

    /**
     * Appends a document.
     *
     * @param ids its tokens, with a separator if it has one
     * @param counts the text they stand for; less than 2^31 bytes
     */
    public void add(int[] ids, TextCounts counts) {
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
        addToIndex(ids.length, counts);
    }

    /** Appends all documents of another shard of the same type. */
    public void addAll(String otherPath, ShardInfo other) {
        ShardIndex index = ShardIndex.read(otherPath, other, type);
        String otherBin = otherPath + BIN;
        try (InputStream in = HadoopFiles.open(otherBin)) {
            for (int n = in.read(chunk.array()); n >= 0; n = in.read(chunk.array())) {
                bin.write(chunk.array(), 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + otherBin + ": " + e.getMessage(), e);
        }
        for (int i = 0; i < index.documents(); i++) {
            addToIndex(index.size(i), index.counts(i));
        }
    }

    private void addToIndex(int size, TextCounts added) {
        if (documents == sizes.length) {
            int longer = Math.addExact(documents, documents >> 1);
            sizes = Arrays.copyOf(sizes, longer);
            for (int i = 0; i < counts.length; i++) {
                counts[i] = Arrays.copyOf(counts[i], longer);
            }
        }
        sizes[documents] = size;
        counts[0][documents] = Math.toIntExact(added.words());
        counts[1][documents] = Math.toIntExact(added.bytes());
        counts[2][documents] = Math.toIntExact(added.characters());
        documents++;
        tokens += size;
        text = text.plus(added);
    }

    /**
     * Writes the index and closes all files.
     *
     * @param name name of the shard in the manifest
     */
    public ShardInfo finish(String name) {
        return new ShardInfo(name, documents, tokens, text, bin.finish(), writeIndex(), writeCounts());
    }

    private StoredFile writeIndex() {
        try (HashedFile idx = new HashedFile(path + IDX)) {
            ByteBuffer header = littleEndian(ShardFormat.IDX_HEADER);
            header.put(ShardFormat.IDX_MAGIC)
                    .putLong(ShardFormat.IDX_VERSION)
                    .put((byte) type.code())
                    .putLong(documents)
                    .putLong(documents + 1L);
            idx.write(header.array(), 0, header.position());
            writeInts(idx, sizes, documents);
            ByteBuffer number = littleEndian(Long.BYTES);
            long offset = 0;
            for (int i = 0; i < documents; i++) {
                idx.write(number.putLong(0, offset).array(), 0, Long.BYTES);
                offset += (long) sizes[i] * type.bytes();
            }
            for (long i = 0; i <= documents; i++) {
                idx.write(number.putLong(0, i).array(), 0, Long.BYTES);
            }
            return idx.finish();
        }
    }

    private StoredFile writeCounts() {
        try (HashedFile file = new HashedFile(path + COUNTS)) {
            ByteBuffer header = littleEndian(ShardFormat.COUNTS_HEADER);
            header.put(ShardFormat.COUNTS_MAGIC)
                    .putInt(ShardFormat.COUNTS_VERSION)
                    .putLong(documents);
            file.write(header.array(), 0, header.position());
            for (int[] column : counts) {
                writeInts(file, column, documents);
            }
            return file.finish();
        }
    }

    private static void writeInts(HashedFile file, int[] values, int count) {
        ByteBuffer number = littleEndian(Integer.BYTES);
        for (int i = 0; i < count; i++) {
            file.write(number.putInt(0, values[i]).array(), 0, Integer.BYTES);
        }
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Closes the token file. After {@link #finish} it does nothing. */
    @Override
    public void close() {
        bin.close();
    }
}

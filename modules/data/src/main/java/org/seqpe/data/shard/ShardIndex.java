package org.seqpe.data.shard;

import static org.seqpe.data.shard.ShardFormat.BIN;
import static org.seqpe.data.shard.ShardFormat.COUNTS;
import static org.seqpe.data.shard.ShardFormat.IDX;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.text.encoding.TextCounts;

/** The document lengths and counts of one shard, in memory. */
public final class ShardIndex {
    /** The maximum number of documents whose counts fit an array. */
    private static final int MOST_DOCUMENTS = (Integer.MAX_VALUE - 8 - ShardFormat.COUNTS_HEADER) / (3 * Integer.BYTES);

    private final int documents;
    private final ByteBuffer sizes;
    private final ByteBuffer counts;

    private ShardIndex(int documents, ByteBuffer sizes, ByteBuffer counts) {
        this.documents = documents;
        this.sizes = sizes;
        this.counts = counts;
    }

    /**
     * Compares a shard's files with the manifest without reading them whole: lengths, magic numbers, versions, type and
     * number of documents.
     *
     * @throws UserException naming the file, what was expected and what was found
     */
    public static void check(String path, ShardInfo info, TokenType type) {
        info.bin().requireLength(path + BIN);
        StoredFile.requireEqual(
                path + BIN,
                "bytes for " + info.tokens() + " tokens",
                info.tokens() * type.bytes(),
                info.bin().bytes());
        info.idx().requireLength(path + IDX);
        info.counts().requireLength(path + COUNTS);
        ByteBuffer idx = readFirst(path + IDX, ShardFormat.IDX_HEADER);
        checkMagic(path + IDX, ShardFormat.IDX_MAGIC, idx);
        StoredFile.requireEqual(path + IDX, "version", ShardFormat.IDX_VERSION, idx.getLong());
        StoredFile.requireEqual(path + IDX, "type code", type.code(), idx.get());
        StoredFile.requireEqual(path + IDX, "sequences", info.documents(), idx.getLong());
        StoredFile.requireEqual(path + IDX, "entries of the document index", info.documents() + 1, idx.getLong());
        StoredFile.requireEqual(
                path + IDX,
                "bytes",
                ShardFormat.idxLength(info.documents()),
                info.idx().bytes());
        ByteBuffer counts = readFirst(path + COUNTS, ShardFormat.COUNTS_HEADER);
        checkMagic(path + COUNTS, ShardFormat.COUNTS_MAGIC, counts);
        StoredFile.requireEqual(path + COUNTS, "version", ShardFormat.COUNTS_VERSION, counts.getInt());
        StoredFile.requireEqual(path + COUNTS, "documents", info.documents(), counts.getLong());
        StoredFile.requireEqual(
                path + COUNTS,
                "bytes",
                ShardFormat.countsLength(info.documents()),
                info.counts().bytes());
    }

    /**
     * Checks a shard as {@link #check} does and reads its index.
     *
     * @param path path of the shard without extension
     * @throws UserException also if the document lengths do not add up to the tokens, or if there are more documents
     *     than fit in memory
     */
    public static ShardIndex read(String path, ShardInfo info, TokenType type) {
        if (info.documents() > MOST_DOCUMENTS) {
            throw new UserException("Cannot read the index " + path + IDX + ": expected at most " + MOST_DOCUMENTS
                    + " documents in a shard, found " + info.documents()
                    + ". Prepare the data again with smaller shards (--shard-tokens).");
        }
        check(path, info, type);
        int documents = Math.toIntExact(info.documents());
        ByteBuffer idx = readFirst(path + IDX, ShardFormat.IDX_HEADER + documents * Integer.BYTES);
        ByteBuffer counts = readFirst(path + COUNTS, Math.toIntExact(ShardFormat.countsLength(documents)));
        ShardIndex index =
                new ShardIndex(documents, slice(idx, ShardFormat.IDX_HEADER), slice(counts, ShardFormat.COUNTS_HEADER));
        long tokens = 0;
        for (int i = 0; i < documents; i++) {
            if (index.size(i) < 0) {
                throw new UserException("Cannot read " + path + IDX
                        + ": expected lengths of documents from 0 on, found " + index.size(i) + " of document " + i
                        + ". The file is damaged or belongs to other data: restore it or prepare the data again.");
            }
            tokens += index.size(i);
        }
        StoredFile.requireEqual(path + IDX, "tokens in all documents", info.tokens(), tokens);
        return index;
    }

    public int documents() {
        return documents;
    }

    /** Number of tokens of a document, including its separator. */
    public int size(int document) {
        return sizes.getInt(document * Integer.BYTES);
    }

    /** The text of a document. */
    public TextCounts counts(int document) {
        return new TextCounts(count(0, document), count(1, document), count(2, document));
    }

    private int count(int column, int document) {
        return counts.getInt((column * documents + document) * Integer.BYTES);
    }

    private static ByteBuffer slice(ByteBuffer buffer, int start) {
        return buffer.slice(start, buffer.capacity() - start).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void checkMagic(String file, byte[] magic, ByteBuffer header) {
        byte[] found = new byte[magic.length];
        header.get(found);
        if (!Arrays.equals(magic, found)) {
            throw new UserException("Cannot read " + file
                    + ": it does not begin as such a file does. Restore it or prepare the data again.");
        }
    }

    private static ByteBuffer readFirst(String file, int length) {
        byte[] bytes = new byte[length];
        try (InputStream in = HadoopFiles.open(file)) {
            int read = in.readNBytes(bytes, 0, length);
            if (read < length) {
                throw new EOFException("it ends after " + read + " bytes, expected at least " + length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

package org.seqpe.data.shard;

import static org.seqpe.data.shard.ShardFormat.BIN;
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

/** The lengths of the sequences of one {@code .bin} file, in memory. */
public final class SequenceIndex {
    /** The maximum number of sequences whose lengths fit an array. */
    private static final int MOST_SEQUENCES = (Integer.MAX_VALUE - 8 - ShardFormat.IDX_HEADER) / Integer.BYTES;

    private final int sequences;
    private final ByteBuffer sizes;

    private SequenceIndex(int sequences, ByteBuffer sizes) {
        this.sequences = sequences;
        this.sizes = sizes;
    }

    /**
     * Compares {@code .bin} and {@code .idx} with the manifest without reading them whole: lengths, magic number,
     * version, type and numbers of sequences and documents.
     *
     * @param path path of the two files without extension
     * @throws UserException naming the file, what was expected and what was found
     */
    public static void check(String path, SequenceInfo info, TokenType type) {
        info.bin().requireLength(path + BIN);
        StoredFile.requireEqual(
                path + BIN,
                "bytes for " + info.tokens() + " tokens",
                info.tokens() * type.bytes(),
                info.bin().bytes());
        info.idx().requireLength(path + IDX);
        ByteBuffer idx = readFirst(path + IDX, ShardFormat.IDX_HEADER);
        checkMagic(path + IDX, ShardFormat.IDX_MAGIC, idx);
        StoredFile.requireEqual(path + IDX, "version", ShardFormat.IDX_VERSION, idx.getLong());
        StoredFile.requireEqual(path + IDX, "type code", type.code(), idx.get());
        StoredFile.requireEqual(path + IDX, "sequences", info.sequences(), idx.getLong());
        StoredFile.requireEqual(path + IDX, "entries of the document index", info.documents() + 1, idx.getLong());
        StoredFile.requireEqual(
                path + IDX,
                "bytes",
                ShardFormat.idxLength(info.sequences(), info.documents()),
                info.idx().bytes());
    }

    /**
     * Checks the files as {@link #check} does and reads the lengths.
     *
     * @throws UserException also if the lengths do not add up to the tokens, or if there are more sequences than fit in
     *     memory
     */
    public static SequenceIndex read(String path, SequenceInfo info, TokenType type) {
        if (info.sequences() > MOST_SEQUENCES) {
            throw tooMany(path, "sequences", MOST_SEQUENCES, info.sequences());
        }
        check(path, info, type);
        int sequences = Math.toIntExact(info.sequences());
        ByteBuffer idx = readFirst(path + IDX, ShardFormat.IDX_HEADER + sequences * Integer.BYTES);
        SequenceIndex index = new SequenceIndex(sequences, slice(idx, ShardFormat.IDX_HEADER));
        long tokens = 0;
        for (int i = 0; i < sequences; i++) {
            if (index.size(i) < 0) {
                throw new UserException("Cannot read " + path + IDX + ": expected lengths from 0 on, found "
                        + index.size(i) + " of sequence " + i
                        + ". The file is damaged or belongs to other data: restore it or prepare the data again.");
            }
            tokens += index.size(i);
        }
        StoredFile.requireEqual(path + IDX, "tokens in all documents", info.tokens(), tokens);
        return index;
    }

    public int sequences() {
        return sequences;
    }

    /** Number of tokens of a sequence. */
    public int size(int sequence) {
        return sizes.getInt(sequence * Integer.BYTES);
    }

    static UserException tooMany(String path, String what, long most, long found) {
        return new UserException("Cannot read the index " + path + IDX + ": expected at most " + most + " " + what
                + " in a shard, found " + found + ". Prepare the data again with smaller shards (--shard-tokens).");
    }

    static ByteBuffer slice(ByteBuffer buffer, int start) {
        return buffer.slice(start, buffer.capacity() - start).order(ByteOrder.LITTLE_ENDIAN);
    }

    static void checkMagic(String file, byte[] magic, ByteBuffer header) {
        byte[] found = new byte[magic.length];
        header.get(found);
        if (!Arrays.equals(magic, found)) {
            throw new UserException("Cannot read " + file
                    + ": it does not begin as such a file does. Restore it or prepare the data again.");
        }
    }

    static ByteBuffer readFirst(String file, int length) {
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

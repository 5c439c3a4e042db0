package org.seqpe.data.image.shard;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.shard.HashedFile;
import org.seqpe.data.shard.StoredFile;

/**
 * Where the pictures of one or more shards lie, in memory: 12 bytes a picture. The layout of an .idx file, all numbers
 * little-endian: magic, version (4 bytes), number of pictures n (8), then for all pictures the offsets of their first
 * bytes in the .tar file (8 each), then their lengths (4 each), then their classes (4 each). In a tar file every
 * member's content begins at a multiple of {@value #BLOCK} bytes, so memory holds offsets in such blocks.
 */
final class PictureIndex {
    static final String TAR = ".tar";
    static final String IDX = ".idx";
    /** Bytes of a block of a tar file. */
    static final int BLOCK = 512;

    private static final byte[] MAGIC = "SEQPEIMG".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HEADER = 8 + 4 + 8;
    private static final int ENTRY = Long.BYTES + Integer.BYTES + Integer.BYTES;

    private int[] blocks;
    private int[] lengths;
    private int[] classes;
    private int pictures;

    /** @param capacity pictures for which memory is taken at once */
    PictureIndex(int capacity) {
        blocks = new int[capacity];
        lengths = new int[capacity];
        classes = new int[capacity];
    }

    int pictures() {
        return pictures;
    }

    /** Bytes before the first one of a picture in its .tar file. */
    long offset(int picture) {
        return (long) blocks[picture] * BLOCK;
    }

    int length(int picture) {
        return lengths[picture];
    }

    /** The class of a picture. */
    int label(int picture) {
        return classes[picture];
    }

    /** Appends a picture. */
    void add(long offset, int length, int label) {
        if (pictures == blocks.length) {
            int longer = Math.max(16, Math.addExact(pictures, pictures >> 1));
            blocks = Arrays.copyOf(blocks, longer);
            lengths = Arrays.copyOf(lengths, longer);
            classes = Arrays.copyOf(classes, longer);
        }
        blocks[pictures] = Math.toIntExact(offset / BLOCK);
        lengths[pictures] = length;
        classes[pictures++] = label;
    }

    /** Writes the .idx file of a shard. */
    StoredFile write(String path) {
        try (HashedFile file = new HashedFile(path)) {
            write(file, littleEndian(HEADER).put(MAGIC).putInt(VERSION).putLong(pictures));
            for (int i = 0; i < pictures; i++) {
                write(file, littleEndian(Long.BYTES).putLong(offset(i)));
            }
            for (int[] column : new int[][] {lengths, classes}) {
                for (int i = 0; i < pictures; i++) {
                    write(file, littleEndian(Integer.BYTES).putInt(column[i]));
                }
            }
            return file.finish();
        }
    }

    private static void write(HashedFile file, ByteBuffer buffer) {
        file.write(buffer.array(), 0, buffer.position());
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Appends the pictures of a shard, after comparing its files with the manifest.
     *
     * @param path path of the shard without extension
     * @param numberOfClasses classes of the dataset
     * @throws UserException naming the file, what was expected and what was found
     */
    void addAll(String path, PictureShardInfo info, int numberOfClasses) {
        info.tar().requireLength(path + TAR);
        info.idx().requireLength(path + IDX);
        StoredFile.requireEqual(
                path + IDX,
                "bytes",
                HEADER + ENTRY * info.pictures(),
                info.idx().bytes());
        ByteBuffer content = content(path + IDX, Math.toIntExact(info.idx().bytes()));
        byte[] magic = new byte[MAGIC.length];
        content.get(magic);
        if (!Arrays.equals(MAGIC, magic)) {
            throw new UserException("Cannot read " + path + IDX
                    + ": it does not begin as the index of pictures does. Restore it or prepare the data again.");
        }
        StoredFile.requireEqual(path + IDX, "as its version", VERSION, content.getInt());
        StoredFile.requireEqual(path + IDX, "pictures", info.pictures(), content.getLong());
        int count = Math.toIntExact(info.pictures());
        int lengthsAt = HEADER + count * Long.BYTES;
        int classesAt = lengthsAt + count * Integer.BYTES;
        long end = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            long offset = content.getLong(HEADER + i * Long.BYTES);
            int length = content.getInt(lengthsAt + i * Integer.BYTES);
            int label = content.getInt(classesAt + i * Integer.BYTES);
            if (offset < end
                    || offset % BLOCK != 0
                    || length < 1
                    || offset + length > info.tar().bytes()
                    || label < 0
                    || label >= numberOfClasses) {
                throw new UserException("Cannot read " + path + IDX + ": expected picture " + i
                        + " to lie after the one before it and within the "
                        + info.tar().bytes() + " bytes of the "
                        + TAR + " file, with a class below " + numberOfClasses + ", found offset " + offset
                        + ", length " + length + ", class " + label
                        + ". The file is damaged or belongs to other data: restore it or prepare the data again.");
            }
            end = offset + length;
            bytes += length;
            add(offset, length, label);
        }
        StoredFile.requireEqual(path + IDX, "bytes of pictures", info.bytes(), bytes);
    }

    private static ByteBuffer content(String file, int length) {
        byte[] bytes = new byte[length];
        try (DataInputStream in = new DataInputStream(HadoopFiles.open(file))) {
            in.readFully(bytes);
        } catch (EOFException e) {
            throw new UncheckedIOException("Cannot read " + file + ": it ends before its " + length + " bytes", e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

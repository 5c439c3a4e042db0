package org.seqpe.data.shard;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.seqpe.core.io.HadoopFiles;

/**
 * Random access to the tokens of a .bin file, in blocks. Blocks on a local disk are mapped into memory; others are
 * fetched and cached. Safe for use by several threads.
 */
public final class TokenFile implements Closeable {
    /** Large, so that few mappings are made; the operating system loads only the pages that are used. */
    private static final int LOCAL_BLOCK = 1 << 30;
    /**
     * Small enough that reading one random sample does not fetch much more than the sample, large enough for reading in
     * order.
     */
    private static final int REMOTE_BLOCK = 1 << 16;

    private static final int REMOTE_BLOCKS_CACHED = 256;

    private final TokenType type;
    private final long length;
    private final int blockSize;
    private final Blocks blocks;

    private TokenFile(TokenType type, long length, int blockSize, Blocks blocks) {
        this.type = type;
        this.length = length;
        this.blockSize = blockSize;
        this.blocks = blocks;
    }

    /**
     * @param path the file
     * @param tokens tokens in it
     */
    public static TokenFile open(String path, long tokens, TokenType type) {
        return open(path, tokens, type, LOCAL_BLOCK);
    }

    /** @param localBlock bytes of a mapping, a multiple of the size of a token */
    static TokenFile open(String path, long tokens, TokenType type, int localBlock) {
        long length = tokens * type.bytes();
        if (HadoopFiles.isLocal(path)) {
            return new TokenFile(
                    type, length, localBlock, new MappedBlocks(HadoopFiles.localPath(path), length, localBlock));
        }
        return new TokenFile(type, length, REMOTE_BLOCK, new FetchedBlocks(path, length));
    }

    /**
     * Reads {@code count} tokens from {@code position} on into {@code target}. The caller must stay within the file's
     * bounds.
     */
    public void read(long position, int[] target, int offset, int count) {
        long at = position * type.bytes();
        if (position < 0 || at + (long) count * type.bytes() > length) {
            throw new IndexOutOfBoundsException(
                    "Cannot read " + count + " tokens at " + position + " of " + length / type.bytes());
        }
        int next = offset;
        int end = offset + count;
        while (next < end) {
            ByteBuffer block = blocks.get(at / blockSize);
            int within = (int) (at % blockSize);
            int available = Math.min(end - next, (block.capacity() - within) / type.bytes());
            if (type == TokenType.UINT16) {
                for (int i = 0; i < available; i++) {
                    target[next + i] = Short.toUnsignedInt(block.getShort(within + i * Short.BYTES));
                }
            } else {
                for (int i = 0; i < available; i++) {
                    target[next + i] = block.getInt(within + i * Integer.BYTES);
                }
            }
            next += available;
            at += (long) available * type.bytes();
        }
    }

    @Override
    public void close() {
        blocks.close();
    }

    private interface Blocks extends Closeable {
        ByteBuffer get(long index);

        @Override
        void close();
    }

    /** Blocks mapped into memory. A mapping ends when the garbage collector finds it unused. */
    private static final class MappedBlocks implements Blocks {
        private final ByteBuffer[] mapped;

        MappedBlocks(Path file, long length, int block) {
            mapped = new ByteBuffer[Math.toIntExact((length + block - 1) / block)];
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                for (int i = 0; i < mapped.length; i++) {
                    long start = (long) i * block;
                    mapped[i] = channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(block, length - start))
                            .order(ByteOrder.LITTLE_ENDIAN);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
            }
        }

        @Override
        public ByteBuffer get(long index) {
            return mapped[(int) index];
        }

        @Override
        public void close() {}
    }

    /** Blocks fetched into a cache. The least recently used block is replaced first. */
    private static final class FetchedBlocks implements Blocks {
        private final String path;
        private final long length;
        private final FSDataInputStream in;
        private final Map<Long, ByteBuffer> cache = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, ByteBuffer> eldest) {
                return size() > REMOTE_BLOCKS_CACHED;
            }
        };

        FetchedBlocks(String path, long length) {
            this.path = path;
            this.length = length;
            this.in = HadoopFiles.open(path);
        }

        @Override
        public ByteBuffer get(long index) {
            synchronized (cache) {
                ByteBuffer cached = cache.get(index);
                if (cached != null) {
                    return cached;
                }
            }
            long start = index * REMOTE_BLOCK;
            byte[] bytes = new byte[(int) Math.min(REMOTE_BLOCK, length - start)];
            try {
                in.readFully(start, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "Cannot read bytes " + start + " to " + (start + bytes.length) + " of " + path + ": "
                                + e.getMessage(),
                        e);
            }
            ByteBuffer block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            synchronized (cache) {
                cache.put(index, block);
            }
            return block;
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot close " + path + ": " + e.getMessage(), e);
            }
        }
    }
}

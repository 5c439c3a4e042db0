package org.seqpe.data.image.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.seqpe.core.io.HadoopFiles;

/**
 * A range of the bytes of a file as a stream of its own. What is skipped is not read. A failure of the storage is an
 * {@link UncheckedIOException}, so that those who read a format can tell it from damaged content.
 */
final class FileRange extends InputStream {
    private final String path;
    private final FSDataInputStream in;
    private final long end;
    private long position;

    /**
     * @param path the file
     * @param offset first byte
     * @param bytes length
     */
    FileRange(String path, long offset, long bytes) throws IOException {
        this.path = path;
        in = HadoopFiles.open(path);
        position = offset;
        end = offset + bytes;
        if (offset > 0) {
            in.seek(offset);
        }
    }

    /** The place of the next byte in the file. */
    long position() {
        return position;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int count) {
        if (position >= end && count > 0) {
            return -1;
        }
        try {
            int read = in.read(target, offset, (int) Math.min(count, end - position));
            position += Math.max(read, 0);
            return read;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public long skip(long count) {
        long skipped = Math.max(0, Math.min(count, end - position));
        if (skipped > 0) {
            position += skipped;
            try {
                in.seek(position);
            } catch (IOException e) {
                throw failure(e);
            }
        }
        return skipped;
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException("Cannot read " + path + ": " + e.getMessage(), e);
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, end - position);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

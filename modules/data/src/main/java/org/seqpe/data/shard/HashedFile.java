package org.seqpe.data.shard;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.seqpe.core.io.HadoopFiles;

/**
 * A file that is hashed and measured while it is written. What cannot be written is an {@link UncheckedIOException}.
 */
public final class HashedFile extends OutputStream {
    private static final int BUFFER = 1 << 16;

    private final String path;
    private final MessageDigest digest = HadoopFiles.newSha256();
    private final OutputStream out;
    private long length;

    public HashedFile(String path) {
        this.path = path;
        this.out = new DigestOutputStream(new BufferedOutputStream(HadoopFiles.create(path), BUFFER), digest);
    }

    /** Bytes written so far. */
    public long length() {
        return length;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        try {
            out.write(bytes, offset, count);
            length += count;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Closes the file and says what was written. */
    public StoredFile finish() {
        close();
        return new StoredFile(length, HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException("Cannot write " + path + ": " + e.getMessage(), e);
    }
}

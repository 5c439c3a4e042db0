package org.seqpe.data.corpus;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.seqpe.core.UserException;

/**
 * The content of all members of a gzip file, one after the other. Zero bytes after the last member are padding, which
 * tapes and block devices leave. Anything else after it is refused, because it may be text that would be lost.
 */
final class GzipMembers extends InputStream {
    private static final int MAGIC_1 = 0x1f;
    private static final int MAGIC_2 = 0x8b;

    private final InputStream stored;
    private final String path;
    private InputStream member;

    /**
     * @param stored at the beginning of a member; must support mark, so that reading stops exactly at the end of a
     *     member
     * @param path for messages
     */
    GzipMembers(InputStream stored, String path) throws IOException {
        this.stored = stored;
        this.path = path;
        this.member = new GzipCompressorInputStream(stored);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (member != null) {
            int n = member.read(bytes, offset, length);
            if (n >= 0) {
                return n;
            }
            member = next();
        }
        return -1;
    }

    private InputStream next() throws IOException {
        stored.mark(2);
        int first = stored.read();
        if (first < 0 || first == 0 && onlyZerosFollow()) {
            return null;
        }
        int second = stored.read();
        if (first == MAGIC_1 && second < 0) {
            throw new EOFException();
        }
        if (first != MAGIC_1 || second != MAGIC_2) {
            throw new UserException("Cannot read " + path
                    + ": after its gzip data stand other bytes, which are neither another member nor zeros. Fetch the file"
                    + " again, or leave them out, as gzip does with a warning: gzip -dc FILE | gzip > NEW.");
        }
        stored.reset();
        return new GzipCompressorInputStream(stored);
    }

    private boolean onlyZerosFollow() throws IOException {
        int next = stored.read();
        while (next == 0) {
            next = stored.read();
        }
        return next < 0;
    }

    @Override
    public void close() throws IOException {
        stored.close();
    }
}

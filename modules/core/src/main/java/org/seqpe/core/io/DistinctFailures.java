package org.seqpe.core.io;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;

/**
 * A stream whose failures are exceptions of their own. Hadoop's local file system throws an Error (FSError) where a
 * write fails, such as on a full disk, which no handler of failures expects. Once HDFS has run out of space, every call
 * throws the same exception object; an exception cannot be suppressed by itself, so try-with-resources would replace it
 * by an IllegalArgumentException that says nothing.
 */
final class DistinctFailures extends FSDataOutputStream {
    DistinctFailures(FSDataOutputStream out) throws IOException {
        super(out, null, out.getPos());
    }

    @FunctionalInterface
    private interface Call {
        void run() throws IOException;
    }

    private static void distinctly(Call call) throws IOException {
        try {
            call.run();
        } catch (FSError e) {
            throw new IOException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        }
    }

    @Override
    public void write(int b) throws IOException {
        distinctly(() -> super.write(b));
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        distinctly(() -> super.write(bytes, offset, count));
    }

    @Override
    public void flush() throws IOException {
        distinctly(super::flush);
    }

    @Override
    public void hflush() throws IOException {
        distinctly(super::hflush);
    }

    @Override
    public void hsync() throws IOException {
        distinctly(super::hsync);
    }

    @Override
    public void close() throws IOException {
        try {
            distinctly(super::close);
        } catch (IOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}

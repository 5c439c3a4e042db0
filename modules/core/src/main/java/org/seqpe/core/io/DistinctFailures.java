package org.seqpe.core.io;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;

/**
 * A stream that throws a new exception for each failure. Hadoop's local file system throws an Error (FSError) if a
 * write fails, such as on a full disk. Code that handles failures does not expect an Error. Once HDFS has run out of
 * space, every call throws the same exception object. An exception cannot suppress itself, so try-with-resources would
 * replace it with an IllegalArgumentException that does not name the cause.
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

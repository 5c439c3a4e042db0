package org.seqpe.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where commands print their results, always as UTF-8. Unlike {@link System#out} it keeps what fails: a table that went
 * to a full disk must not end as if it had been printed.
 */
final class StandardOutput {
    /** What shells report of a program that SIGPIPE ended, which the JVM ignores. */
    static final int CLOSED_PIPE = 141;
    /** Linux says here what standard output is. */
    private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");

    private final Watched stream;
    private final PrintWriter writer;

    private StandardOutput(OutputStream stream) {
        this.stream = new Watched(stream);
        this.writer = new PrintWriter(new OutputStreamWriter(this.stream, StandardCharsets.UTF_8), true);
    }

    /** The process's own. */
    static StandardOutput ofProcess() {
        return new StandardOutput(new FileOutputStream(FileDescriptor.out));
    }

    /** {@link System#out}, which may have been set to something else. */
    static StandardOutput ofSystem() {
        return new StandardOutput(System.out);
    }

    PrintWriter writer() {
        return writer;
    }

    /** Prints what is still held back, and returns what went wrong first since the beginning, if anything did. */
    Optional<IOException> end() {
        writer.flush();
        return Optional.ofNullable(stream.failure);
    }

    /**
     * Whether standard output is a pipe or a socket. Writing to one fails for one reason alone: nobody reads any more.
     */
    static boolean isPipe() {
        try {
            String target = Files.readSymbolicLink(DESCRIPTOR).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }

    /** Keeps the first failure. */
    private static final class Watched extends FilterOutputStream {
        private IOException failure;

        Watched(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }
    }
}

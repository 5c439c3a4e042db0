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
 * The output to which commands print their results, always as UTF-8. Unlike {@link System#out} it remembers failures,
 * so that a command whose table went to a full disk does not end successfully.
 */
final class StandardOutput {
    /** The exit status that shells report for a program ended by SIGPIPE. The JVM ignores that signal. */
    static final int CLOSED_PIPE = 141;
    /** On Linux this link leads to the file behind standard output. */
    private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");

    private final Watched stream;
    private final PrintWriter writer;

    private StandardOutput(OutputStream stream) {
        this.stream = new Watched(stream);
        this.writer = new PrintWriter(new OutputStreamWriter(this.stream, StandardCharsets.UTF_8), true);
    }

    /** The process's own standard output. */
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

    /** Flushes the output, and returns the first failure since the beginning, if there was one. */
    Optional<IOException> end() {
        writer.flush();
        return Optional.ofNullable(stream.failure);
    }

    /**
     * Whether standard output is a pipe or a socket. Writing to one fails for only one reason: nobody reads any more.
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

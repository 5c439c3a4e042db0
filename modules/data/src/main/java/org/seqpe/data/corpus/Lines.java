package org.seqpe.data.corpus;

import java.io.IOException;

/**
 * Splits bytes into lines. Each line includes the newline that ends it; what follows the last newline is also a line.
 */
final class Lines {

    /** Takes lines in order. */
    @FunctionalInterface
    interface LineSink {
        void accept(byte[] line, long offset) throws IOException;
    }

    private Lines() {}

    static void read(String path, LineSink sink) throws IOException {
        read(path, ContentCheck.TEXT, sink);
    }

    static void read(String path, ContentCheck check, LineSink sink) throws IOException {
        long[] start = new long[1];
        BoundedText line = new BoundedText(
                () -> "the line at byte " + start[0] + " of " + path,
                "Divide it, or use --corpus text, which cuts long texts.");
        TextFiles.read(path, check, (bytes, count) -> {
            int from = 0;
            for (int i = 0; i < count; i++) {
                if (bytes[i] == '\n') {
                    line.write(bytes, from, i + 1 - from);
                    from = i + 1;
                    sink.accept(line.toByteArray(), start[0]);
                    start[0] += line.size();
                    line.reset();
                }
            }
            line.write(bytes, from, count - from);
        });
        if (line.size() > 0) {
            sink.accept(line.toByteArray(), start[0]);
        }
    }
}

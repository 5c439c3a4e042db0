package org.seqpe.data.corpus;

import java.io.IOException;
import java.util.Arrays;
import org.seqpe.core.UserException;

/** Reads one document per line, without the line's end. */
final class LineReader implements DocumentReader {
    private final int tabsBefore;

    /** @param tabsBefore number of tabs before the text in each line; 0 if the whole line is the text */
    LineReader(int tabsBefore) {
        this.tabsBefore = tabsBefore;
    }

    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        Lines.read(file.path(), (line, offset) -> {
            int start = start(line, file.path(), offset);
            int end = line.length;
            if (end > start && line[end - 1] == '\n') {
                end--;
            }
            if (end > start && line[end - 1] == '\r') {
                end--;
            }
            sink.accept(new Document(
                    file.split(),
                    Arrays.copyOfRange(line, start, end),
                    at -> file.path() + ", byte " + (offset + start + at)));
        });
    }

    private int start(byte[] line, String path, long offset) {
        int start = 0;
        for (int tab = 0; tab < tabsBefore; tab++) {
            while (start < line.length && line[start] != '\t') {
                start++;
            }
            if (start == line.length) {
                throw new UserException("Cannot read the line at byte " + offset + " of " + path + ": expected "
                        + tabsBefore + " tabs before the text, found " + tab
                        + ". Use --corpus lines where the whole line is the text.");
            }
            start++;
        }
        return start;
    }
}

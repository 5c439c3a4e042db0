package org.seqpe.data.corpus;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.seqpe.data.corpus.InputFile.Region;

/**
 * Reads one document per file. A file is cut only if its positions belong to several splits, or if a document grows
 * beyond 16 MiB. The cut is after a blank line; if none comes soon enough, after a line; if no line ends either, after
 * a space; and without even a space, between two characters.
 */
final class TextReader implements DocumentReader {
    private static final long DOCUMENT_BYTES = 1 << 24;
    private static final long MOST_PATIENCE = 1 << 16;

    private final long documentBytes;
    private final long mostPatience;

    TextReader() {
        this(DOCUMENT_BYTES, MOST_PATIENCE);
    }

    /**
     * @param documentBytes number of bytes after which a document is cut
     * @param mostPatience bytes for which a cut waits for a blank line; then it waits as long again for the end of a
     *     line, and as long again for a space
     */
    TextReader(long documentBytes, long mostPatience) {
        this.documentBytes = documentBytes;
        this.mostPatience = mostPatience;
    }

    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        Cutter cutter = new Cutter(file, sink);
        TextFiles.read(file.path(), cutter);
        cutter.finish();
    }

    private final class Cutter implements TextFiles.ByteSink {
        private final InputFile file;
        private final Document.Sink sink;
        private final List<Region> regions;
        private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
        private long pieceStart;
        private long offset;
        private boolean blankLine = true;
        private int region;
        /** The offset from which no better place is awaited: the next character begins a document. */
        private long overdue;

        Cutter(InputFile file, Document.Sink sink) {
            this.file = file;
            this.sink = sink;
            this.regions =
                    file.regions().isEmpty() ? List.of(new Region(file.split(), Long.MAX_VALUE)) : file.regions();
            overdue = overdue();
        }

        @Override
        public void accept(byte[] bytes, int count) throws IOException {
            int from = 0;
            for (int i = 0; i < count; i++) {
                byte b = bytes[i];
                if (offset >= overdue && (b & 0xC0) != 0x80) {
                    piece.write(bytes, from, i - from);
                    from = i;
                    emit();
                }
                offset++;
                boolean afterBlankLine = b == '\n' && blankLine;
                if (b == '\n') {
                    blankLine = true;
                } else if (b != ' ' && b != '\t' && b != '\r') {
                    blankLine = false;
                }
                if ((b == '\n' || b == ' ') && isCut(b, afterBlankLine)) {
                    piece.write(bytes, from, i + 1 - from);
                    from = i + 1;
                    emit();
                }
            }
            piece.write(bytes, from, count - from);
        }

        private boolean isCut(byte b, boolean afterBlankLine) {
            return passes(excess(regions.get(region).end()), patience(), b, afterBlankLine)
                    || passes(offset - pieceStart - documentBytes, mostPatience, b, afterBlankLine);
        }

        private long overdue() {
            long document = pieceStart + documentBytes + 3 * mostPatience;
            long patience = patience();
            return patience > 0 ? Math.min(document, regions.get(region).end() + 3 * patience) : document;
        }

        private long excess(long end) {
            return region == regions.size() - 1 ? -1 : offset - end;
        }

        /** At most a quarter of the next region, so that some of it remains. */
        private long patience() {
            if (region == regions.size() - 1) {
                return 0;
            }
            return Math.min(
                    mostPatience,
                    (regions.get(region + 1).end() - regions.get(region).end()) / 4);
        }

        private static boolean passes(long excess, long patience, byte b, boolean afterBlankLine) {
            return excess >= 0 && (afterBlankLine || b == '\n' && excess >= patience || excess >= 2 * patience);
        }

        private void emit() throws IOException {
            long start = pieceStart;
            sink.accept(new Document(
                    regions.get(region).split(), piece.toByteArray(), at -> file.path() + ", byte " + (start + at)));
            piece.reset();
            pieceStart = offset;
            while (region < regions.size() - 1 && offset >= regions.get(region).end()) {
                region++;
            }
            overdue = overdue();
        }

        void finish() throws IOException {
            // An empty file is an empty document and is counted as such; an empty rest after a cut is not a document.
            if (piece.size() > 0 || offset == 0) {
                emit();
            }
        }
    }
}

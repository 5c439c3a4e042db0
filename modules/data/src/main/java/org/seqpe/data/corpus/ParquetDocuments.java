package org.seqpe.data.corpus;

import java.io.IOException;

/** Reads one document per row. */
final class ParquetDocuments implements DocumentReader {
    private final String textColumn;

    ParquetDocuments(String textColumn) {
        this.textColumn = textColumn;
    }

    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        ParquetText.read(file.path(), textColumn, (text, row) -> {
            sink.accept(new Document(file.split(), text, ParquetText.place(file, row)));
            return true;
        });
    }
}

package org.seqpe.data.corpus;

import java.io.IOException;

/** Reads one document per file, however long. */
final class WholeFileReader implements DocumentReader {
    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        BoundedText text = new BoundedText(
                () -> file.path() + " as one document", "Divide the file, or use --corpus text or lines.");
        TextFiles.read(file.path(), (bytes, count) -> text.write(bytes, 0, count));
        sink.accept(new Document(file.split(), text.toByteArray(), at -> file.path() + ", byte " + at));
    }
}

package org.seqpe.data.corpus;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.seqpe.core.UserException;

/** One document a file, however long. */
final class WholeFileReader implements DocumentReader {
    /** What a document may hold in memory. */
    private static final int MAX_BYTES = 1 << 30;

    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        TextFiles.read(file.path(), (bytes, count) -> {
            if (text.size() + count > MAX_BYTES) {
                throw new UserException("Cannot read " + file.path() + " as one document: expected at most " + MAX_BYTES
                        + " bytes of text. Divide the file, or use --corpus text or lines.");
            }
            text.write(bytes, 0, count);
        });
        sink.accept(new Document(file.split(), text.toByteArray(), at -> file.path() + ", byte " + at));
    }
}

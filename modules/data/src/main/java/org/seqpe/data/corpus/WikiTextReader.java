package org.seqpe.data.corpus;

import java.io.IOException;

/** Reads WikiText's articles from its text files, one file per split. */
final class WikiTextReader implements DocumentReader {
    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        Articles articles = new Articles(sink);
        Lines.read(
                file.path(),
                (line, offset) -> articles.add(file.split(), line, at -> file.path() + ", byte " + (offset + at)));
        articles.finish();
    }
}

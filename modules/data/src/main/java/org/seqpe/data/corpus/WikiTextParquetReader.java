package org.seqpe.data.corpus;

import java.io.IOException;

/**
 * Reads WikiText's articles from Parquet files with one line per row. An article may continue in the split's next file.
 */
final class WikiTextParquetReader implements DocumentReader {
    private static final int ROWS_LOOKED_AT = 50;

    private final String textColumn;
    private Articles articles;

    WikiTextParquetReader(String textColumn) {
        this.textColumn = textColumn;
    }

    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        if (articles == null) {
            articles = new Articles(sink);
        }
        ParquetText.read(file.path(), textColumn, (text, row) -> {
            articles.add(file.split(), text, ParquetText.place(file, row));
            return true;
        });
    }

    @Override
    public void finish(Document.Sink sink) throws IOException {
        if (articles != null) {
            articles.finish();
        }
    }

    /** Whether a file's first rows look like WikiText's lines: a heading after a blank row. */
    static boolean isLikely(String path, String textColumn) throws IOException {
        boolean[] found = new boolean[1];
        boolean[] afterBlank = {true};
        ParquetText.read(path, textColumn, (text, row) -> {
            found[0] = afterBlank[0] && Articles.isHeading(text);
            afterBlank[0] = Articles.isBlank(text);
            return !found[0] && row < ROWS_LOOKED_AT;
        });
        return found[0];
    }
}

package org.seqpe.data.corpus;

import java.io.IOException;

/**
 * Finds the documents in files of one kind of corpus. Files are read in order, and a reader may keep a document open
 * from one file to the next.
 */
public interface DocumentReader {

    /** Passes on the documents of a file. */
    void read(InputFile file, Document.Sink sink) throws IOException;

    /** Passes on the document that is still open after the last file. */
    default void finish(Document.Sink sink) throws IOException {}

    /**
     * The reader of a kind.
     *
     * @param textColumn the column of Parquet files, or the field of JSON Lines, that holds the text
     */
    static DocumentReader of(CorpusKind kind, String textColumn) {
        return switch (kind) {
            case WIKITEXT -> new WikiTextReader();
            case PG19 -> new WholeFileReader();
            case TEXT -> new TextReader();
            case LINES -> new LineReader(0);
            case LUCENE_LINES -> new LineReader(2);
            case JSONL -> new JsonLinesReader(textColumn);
            case PARQUET -> new ParquetDocuments(textColumn);
            case WIKITEXT_PARQUET -> new WikiTextParquetReader(textColumn);
        };
    }
}

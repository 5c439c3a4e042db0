package org.seqpe.data.corpus;

import java.util.Arrays;
import java.util.List;
import org.seqpe.core.UserException;

/** The layouts of text that can be prepared. */
public enum CorpusKind {
    /**
     * {@code wiki.{train,valid,test}.{raw,tokens}}: one file per split. A line {@code " = Title = "} between blank
     * lines begins an article.
     */
    WIKITEXT("wikitext"),
    /** Folders train, validation and test with one text file per document, the layout of PG-19. */
    PG19("pg19"),
    /** Any text files, each one document; the splits are made here. */
    TEXT("text"),
    /** Text files with one document per line; the splits are made here. */
    LINES("lines"),
    /**
     * Lucene's line files, {@code title TAB date TAB body}: the body of each line is a document; the splits are made
     * here.
     */
    LUCENE_LINES("lucene-lines"),
    /**
     * JSON Lines with one document per line, in a field of its object. File names give the splits, or they are made
     * here.
     */
    JSONL("jsonl"),
    /** Parquet with one document per row. File names give the splits, or they are made here. */
    PARQUET("parquet"),
    /** Parquet with one line of WikiText per row, the form on data hubs. */
    WIKITEXT_PARQUET("wikitext-parquet");

    private final String id;

    CorpusKind(String id) {
        this.id = id;
    }

    /** The name of this kind in {@code prepare --corpus}. */
    public String id() {
        return id;
    }

    /** All ids. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(CorpusKind::id).toList();
    }

    /** @throws UserException for an unknown id */
    public static CorpusKind of(String id) {
        return Arrays.stream(values())
                .filter(kind -> kind.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot prepare the corpus kind '" + id
                        + "': expected auto or one of " + String.join(", ", ids()) + "."));
    }

    boolean isParquet() {
        return this == PARQUET || this == WIKITEXT_PARQUET;
    }

    boolean isWikiText() {
        return this == WIKITEXT || this == WIKITEXT_PARQUET;
    }
}

package org.seqpe.data.corpus;

import java.util.Arrays;
import java.util.List;
import org.seqpe.core.UserException;

/** The layouts of text that can be prepared. */
public enum CorpusKind {
    /**
     * {@code wiki.{train,valid,test}.{raw,tokens}}: one file a split; an article begins at a line {@code " = Title = "}
     * between blank ones.
     */
    WIKITEXT("wikitext"),
    /** Folders train, validation and test with one text file a document, as PG-19 has its books. */
    PG19("pg19"),
    /** Any text files, one document each; splits are made. */
    TEXT("text"),
    /** Text files with one document a line; splits are made. */
    LINES("lines"),
    /** Lucene's line files, {@code title TAB date TAB body}: the body of each line is a document; splits are made. */
    LUCENE_LINES("lucene-lines"),
    /** JSON Lines with one document a line, in a field of its object; splits are named by the files or made. */
    JSONL("jsonl"),
    /** Parquet with one document a row; splits are named by the files or made. */
    PARQUET("parquet"),
    /** Parquet with WikiText's lines as rows, as data hubs have it. */
    WIKITEXT_PARQUET("wikitext-parquet");

    private final String id;

    CorpusKind(String id) {
        this.id = id;
    }

    /** As {@code prepare --corpus} calls it. */
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

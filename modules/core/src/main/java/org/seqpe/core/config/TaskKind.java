package org.seqpe.core.config;

/** What a run learns. */
public enum TaskKind {
    /** To predict the next token of texts. */
    LANGUAGE,
    /** To name the class of pictures. */
    IMAGES,
    /** To answer questions about a context. */
    ANSWERS;

    /** As configurations write it. */
    public String id() {
        return Keys.of(this);
    }
}

package org.seqpe.core.config;

/** What a run learns. */
public enum TaskKind {
    /** To predict the next token of texts. */
    LANGUAGE,
    /** To name the class of pictures. */
    IMAGES
}

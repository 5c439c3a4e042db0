package org.seqpe.core.config;

import java.io.Serializable;

/**
 * What only runs that answer questions have (method.md section 7).
 *
 * @param loss which tokens the loss counts
 * @param positions where the positions of a training example begin
 */
public record AnswerConfig(Loss loss, Positions positions) implements Serializable {

    /** Which tokens the loss counts. */
    public enum Loss {
        /** Those of the answer, and the end token. */
        ANSWER,
        /** Those of the prompt too. */
        ALL
    }

    /** Where the positions of a training example begin. */
    public enum Positions {
        /**
         * At the left edge of its batch: all examples of a batch end at one position, as in the reference, which pads
         * them on the left.
         */
        BATCH,
        /** At 0: the example's own first token. */
        EXAMPLE
    }
}

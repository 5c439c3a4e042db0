package org.seqpe.evaluation.qa;

import org.seqpe.evaluation.NonFiniteOutputException;

/** A model gave an answer a loss that is no number. */
public final class NonFiniteAnswerException extends NonFiniteOutputException {
    private static final long serialVersionUID = 1L;

    NonFiniteAnswerException(Answered answer) {
        super("The loss of the answer to question " + answer.index() + " is " + answer.nll());
    }
}

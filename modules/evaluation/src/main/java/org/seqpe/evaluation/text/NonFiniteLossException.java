package org.seqpe.evaluation.text;

import org.seqpe.evaluation.NonFiniteOutputException;

/** A model gave a token a loss that is no number. */
public final class NonFiniteLossException extends NonFiniteOutputException {
    private static final long serialVersionUID = 1L;

    NonFiniteLossException(float loss, WindowPlan.Window window, int input) {
        super("The loss of token " + (window.start() + input + 1) + " is " + loss + " (position " + (input + 1)
                + " of the window at token " + window.start() + ")");
    }
}

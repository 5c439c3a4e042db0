package org.seqpe.evaluation.text;

/** A model gave a token a loss that is no number, so that no total exists. */
public final class NonFiniteLossException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    NonFiniteLossException(float loss, WindowPlan.Window window, int input) {
        super("The loss of token " + (window.start() + input + 1) + " is " + loss + " (position " + (input + 1)
                + " of the window at token " + window.start()
                + "): the model's outputs have overflowed, or its parameters are not finite");
    }
}

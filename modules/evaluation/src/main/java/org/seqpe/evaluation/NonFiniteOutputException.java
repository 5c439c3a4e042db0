package org.seqpe.evaluation;

/** A model gave an output that is no number, so that no result exists. */
public abstract class NonFiniteOutputException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    /** @param what the sentence that names the output and its value, without its end */
    protected NonFiniteOutputException(String what) {
        super(what + ": the model's outputs have overflowed, or its parameters are not finite");
    }
}

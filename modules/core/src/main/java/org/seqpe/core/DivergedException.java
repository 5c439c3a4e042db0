package org.seqpe.core;

/** Training produced NaN or infinite values. Repeating the round would produce them again. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param found what is not finite, and where */
    public DivergedException(String found) {
        super(found + "; begin another run with a lower optimizer.learning-rate or optimizer.clip");
    }
}

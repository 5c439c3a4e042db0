package org.seqpe.evaluation.image;

import org.seqpe.evaluation.NonFiniteOutputException;

/** A model gave a class of a picture a logit that is no number. */
public final class NonFiniteLogitException extends NonFiniteOutputException {
    private static final long serialVersionUID = 1L;

    NonFiniteLogitException(float logit, long picture, int classIndex) {
        super("The logit of class " + classIndex + " of picture " + picture + " is " + logit);
    }
}

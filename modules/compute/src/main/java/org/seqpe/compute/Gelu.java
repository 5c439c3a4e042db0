package org.seqpe.compute;

/** The two forms of the Gaussian error linear unit (Hendrycks and Gimpel, arXiv 1606.08415). */
public enum Gelu {
    /** 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): GPT-2's and SeqPE's. */
    TANH,
    /** x * Phi(x) with the error function: the vision Transformer's. */
    EXACT
}

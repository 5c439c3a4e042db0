package org.seqpe.evaluation.qa;

import java.io.Serializable;

/**
 * A question that was asked.
 *
 * @param index of its example in the corpus
 * @param depth where its answer stands in the context, from 0 to 1; null when that is not known
 * @param text what the model generated
 * @param contains by {@link AnswerText#contains}
 * @param exact by {@link AnswerText#isExact}
 * @param f1 by {@link AnswerText#f1}
 * @param nll loss of the first gold answer with the end token after it, in nats
 * @param tokens how many tokens that is
 */
public record Answered(
        long index, Double depth, String text, boolean contains, boolean exact, double f1, double nll, int tokens)
        implements Serializable {}

package org.seqpe.evaluation.text;

import java.util.function.Supplier;

/**
 * A trained run that is to be measured.
 *
 * @param name what tables and plots call it
 * @param tokens the stream that it predicts
 * @param scorer opens its model; called once, and the model is closed before the next run is opened, so only one is in
 *     memory
 */
public record LanguageRun(String name, EvaluationTokens tokens, Supplier<? extends TokenScorer> scorer) {}

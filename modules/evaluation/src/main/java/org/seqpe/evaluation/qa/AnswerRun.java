package org.seqpe.evaluation.qa;

import java.util.function.Supplier;
import org.seqpe.data.qa.AnswerSplit;

/**
 * A trained run that is to be measured.
 *
 * @param name what tables and plots call it
 * @param split whose questions are asked
 * @param scorer opens its model; called once, and the model is closed before the next run is opened, so only one is in
 *     memory
 */
public record AnswerRun(String name, AnswerSplit split, Supplier<? extends AnswerScorer> scorer) {}

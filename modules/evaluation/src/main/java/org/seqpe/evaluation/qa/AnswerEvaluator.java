package org.seqpe.evaluation.qa;

import java.util.List;
import java.util.function.LongConsumer;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerSplit;

/**
 * Asks the questions of a point, batch after batch. The batches depend on the point alone, so any of them may be asked
 * anywhere.
 */
public final class AnswerEvaluator {
    private final AnswerScorer scorer;
    private final AnswerSplit split;
    private final QuestionList questions;
    private final AnswerPoint point;
    private final int newTokens;
    private final int batch;

    /**
     * @param questions of the point
     * @param newTokens most tokens of an answer
     * @param batchTokens most tokens of the questions and answers of a batch; a longer question is asked alone
     */
    public AnswerEvaluator(
            AnswerScorer scorer,
            AnswerSplit split,
            QuestionList questions,
            AnswerPoint point,
            int newTokens,
            int batchTokens) {
        this.scorer = scorer;
        this.split = split;
        this.questions = questions;
        this.point = point;
        this.newTokens = newTokens;
        this.batch = batch(point, newTokens, batchTokens);
    }

    private static int batch(AnswerPoint point, int newTokens, int batchTokens) {
        return Math.max(1, batchTokens / (point.longest() + newTokens));
    }

    /** How many batches a point has. */
    public static long batches(AnswerPoint point, int newTokens, int batchTokens) {
        int batch = batch(point, newTokens, batchTokens);
        return (point.questions() + batch - 1) / batch;
    }

    /**
     * Asks the batches [from, to).
     *
     * @param done receives the number of inputs of each batch that is done
     * @throws NonFiniteAnswerException if a loss is NaN or infinite
     */
    public AnswerSums sums(long from, long to, LongConsumer done) {
        AnswerSums sums = new AnswerSums();
        for (long i = from; i < to; i++) {
            List<AnswerExample> asked = questions.read(split, i * batch, batch);
            scorer.answer(asked, point.length(), newTokens).forEach(sums::add);
            done.accept((long) asked.size() * point.length());
        }
        return sums;
    }
}

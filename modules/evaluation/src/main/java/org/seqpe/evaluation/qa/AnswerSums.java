package org.seqpe.evaluation.qa;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.seqpe.evaluation.DepthShares;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Intervals;
import org.seqpe.evaluation.RatioSums;

/** The answers to some questions, in their order. */
public final class AnswerSums implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int DEPTHS = 10;

    private final ArrayList<Answered> answers = new ArrayList<>();

    /** @throws NonFiniteAnswerException if a loss is NaN or infinite */
    public void add(Answered answer) {
        if (!Double.isFinite(answer.nll())) {
            throw new NonFiniteAnswerException(answer);
        }
        answers.add(answer);
    }

    /** Adds the answers to the questions that follow. */
    public void merge(AnswerSums next) {
        answers.addAll(next.answers);
    }

    public List<Answered> answers() {
        return Collections.unmodifiableList(answers);
    }

    /** The share of the answers that are right in some sense, with the interval of {@link Intervals#share}. */
    Estimate share(Predicate<Answered> right) {
        long hits = answers.stream().filter(right).count();
        return new Estimate((double) hits / answers.size(), Intervals.share(hits, answers.size()));
    }

    /** The mean F1 score, with the interval of a mean. */
    Estimate f1() {
        RatioSums sums = new RatioSums();
        answers.forEach(answer -> sums.add(answer.f1(), 1));
        return Estimate.of(
                sums.mean(), Intervals.meanLoss(sums).map(interval -> interval.map(end -> Math.min(1, end))));
    }

    /** Hits in ten ranges of depth; null where no depth is known. */
    DepthShares byDepth() {
        long[] questions = new long[DEPTHS];
        long[] hits = new long[DEPTHS];
        for (Answered answer : answers) {
            if (answer.depth() != null) {
                int bin = Math.min(DEPTHS - 1, (int) (answer.depth() * DEPTHS));
                questions[bin]++;
                hits[bin] += answer.contains() ? 1 : 0;
            }
        }
        List<DepthShares.Bin> bins = new ArrayList<>();
        for (int i = 0; i < DEPTHS; i++) {
            bins.add(new DepthShares.Bin(i / (double) DEPTHS, (i + 1) / (double) DEPTHS, questions[i], hits[i]));
        }
        return Arrays.stream(questions).sum() == 0 ? null : new DepthShares(bins);
    }

    /** The gold answers as units, with their losses in nats. */
    RatioSums losses() {
        RatioSums sums = new RatioSums();
        answers.forEach(answer -> sums.add(answer.nll(), answer.tokens()));
        return sums;
    }
}

package org.seqpe.evaluation.qa;

import java.util.Objects;
import java.util.Optional;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.DepthShares;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Intervals;
import org.seqpe.evaluation.Measurement;
import org.seqpe.evaluation.RatioSums;
import org.seqpe.evaluation.SweepRow;

/**
 * One line of a sweep over questions: a run, asked at a length. What was not measured, or has no finite value, is null
 * and the message says why. docs/evaluation.md defines every column; their order here is that of sweep.csv and
 * sweep.json.
 *
 * @param run name of the run
 * @param encoding its position encoding; null when the run could not be opened
 * @param length tokens of a context with its question and answer
 * @param trainingLength tokens of the longest example that it was trained on; null when the run could not be opened
 * @param questions that were asked
 * @param exactMatch share of the answers that contain a gold answer ({@link AnswerText#contains}), with the interval of
 *     {@link Intervals#share}
 * @param squadExactMatch share of the answers that are a gold answer ({@link AnswerText#isExact}), likewise
 * @param squadF1 mean F1 score ({@link AnswerText#f1}), with the interval of a mean
 * @param perplexity of the first gold answers with their end tokens, with the interval of {@link Intervals#meanLoss}
 *     over questions
 * @param tokens of these answers
 * @param questionsPerSecond questions per second of wall clock time
 * @param peakMemoryBytes most resident memory of the process meanwhile
 * @param status whether there is a result
 * @param message why there is none, or what to know about it; empty when there is nothing to say
 * @param byDepth questions and hits by the place of the answer (in sweep.json only)
 * @param texts the answers themselves (in sweep.json only)
 */
public record AnswerRow(
        String run,
        String encoding,
        int length,
        Integer trainingLength,
        Long questions,
        Estimate exactMatch,
        Estimate squadExactMatch,
        Estimate squadF1,
        Estimate perplexity,
        Long tokens,
        Double questionsPerSecond,
        Long peakMemoryBytes,
        Status status,
        String message,
        DepthShares byDepth,
        AnswerTexts texts)
        implements SweepRow {

    public AnswerRow {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(message, "message");
    }

    /** What a row is about. */
    public record Subject(String run, String encoding, int length, Integer trainingLength) {}

    /** The row of a subject with a result. */
    public static AnswerRow measured(Subject subject, Measurement<AnswerSums> measurement) {
        AnswerSums sums = measurement.sums();
        RatioSums losses = sums.losses();
        Estimate perplexity =
                Estimate.of(losses.mean(), Intervals.meanLoss(losses)).map(Math::exp);
        boolean finite = Double.isFinite(perplexity.value());
        return new AnswerRow(
                subject.run,
                subject.encoding,
                subject.length,
                subject.trainingLength,
                losses.units(),
                sums.share(Answered::contains),
                sums.share(Answered::exact),
                sums.f1(),
                finite ? perplexity : null,
                losses.size(),
                measurement.perSecond(losses.units()),
                measurement.peakMemoryBytes(),
                Status.OK,
                finite ? "" : "the perplexity exp(" + (float) losses.mean() + ") is too large for a number",
                sums.byDepth(),
                new AnswerTexts(sums.answers()));
    }

    /** The row of a subject without a result. */
    public static AnswerRow without(Subject subject, Status status, String message) {
        return new AnswerRow(
                subject.run,
                subject.encoding,
                subject.length,
                subject.trainingLength,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                status,
                message,
                null,
                null);
    }

    @Override
    public AnswerRow withRun(String name) {
        return new AnswerRow(
                name,
                encoding,
                length,
                trainingLength,
                questions,
                exactMatch,
                squadExactMatch,
                squadF1,
                perplexity,
                tokens,
                questionsPerSecond,
                peakMemoryBytes,
                status,
                message,
                byDepth,
                texts);
    }

    /** There is one way of asking. */
    @Override
    public String series() {
        return "greedy";
    }

    @Override
    public AxisValue at() {
        return AxisValue.of(length);
    }

    @Override
    public AxisValue trainedAt() {
        return trainingLength == null ? null : AxisValue.of(trainingLength);
    }

    @Override
    public Optional<DepthShares> depths() {
        return Optional.ofNullable(byDepth);
    }
}

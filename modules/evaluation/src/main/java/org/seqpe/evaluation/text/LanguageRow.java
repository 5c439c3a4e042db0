package org.seqpe.evaluation.text;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Interval;
import org.seqpe.evaluation.Intervals;
import org.seqpe.evaluation.Measurement;
import org.seqpe.evaluation.PositionCurve;
import org.seqpe.evaluation.SweepRow;

/**
 * One line of a language model's sweep: a run, measured by a protocol at a length. What was not measured, or has no
 * finite value, is null and the message says why. The intervals of the estimates come from the windows' losses
 * ({@link Intervals#meanLoss}). docs/evaluation.md defines every column; their order here is that of sweep.csv and
 * sweep.json.
 *
 * @param run name of the run
 * @param encoding its position encoding; null when the run could not be opened
 * @param protocol how windows lie on the stream
 * @param length inputs of a window, T
 * @param stride tokens from one window to the next
 * @param trainingLength inputs of the windows it was trained on; null when the run could not be opened
 * @param tokens predicted tokens
 * @param nll their total negative log likelihood in nats
 * @param perplexity exp(nll / tokens)
 * @param wordPerplexity exp(nll / words)
 * @param spaceTokenPerplexity exp(nll / spaceTokens), which the reference implementation calls word perplexity
 * @param bitsPerByte nll / (ln 2 * bytes)
 * @param bitsPerCharacter nll / (ln 2 * characters)
 * @param words white-space separated words of the text
 * @param bytes its UTF-8 bytes
 * @param characters its code points
 * @param spaceTokens its tokens that begin with a space
 * @param tokensPerSecond predicted tokens per second of wall clock time
 * @param peakMemoryBytes most resident memory of the process meanwhile
 * @param status whether there is a result
 * @param message why there is none, or what to know about it; empty when there is nothing to say
 * @param lossByPosition mean loss by position in the window (in sweep.json only)
 */
public record LanguageRow(
        String run,
        String encoding,
        @JsonSerialize(using = Protocols.Writer.class) @JsonDeserialize(using = Protocols.Reader.class)
                Protocol protocol,
        int length,
        int stride,
        Integer trainingLength,
        Long tokens,
        Double nll,
        Estimate perplexity,
        Estimate wordPerplexity,
        Estimate spaceTokenPerplexity,
        Estimate bitsPerByte,
        Estimate bitsPerCharacter,
        Long words,
        Long bytes,
        Long characters,
        Long spaceTokens,
        Double tokensPerSecond,
        Long peakMemoryBytes,
        Status status,
        String message,
        PositionLoss lossByPosition)
        implements SweepRow {

    public LanguageRow {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(message, "message");
    }

    @Override
    public String series() {
        return Protocols.text(protocol);
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
    public Optional<PositionCurve> curve() {
        return Optional.ofNullable(lossByPosition)
                .map(PositionLoss::octaves)
                .map(groups -> new PositionCurve(groups.first(), groups.last(), groups.loss()));
    }

    /** What a row is about. */
    public record Subject(String run, String encoding, Protocol protocol, WindowPlan plan, Integer trainingLength) {}

    /**
     * The row of a subject with a result.
     *
     * @param tokens the stream that was predicted
     */
    public static LanguageRow measured(Subject subject, Measurement<LossSums> measurement, EvaluationTokens tokens) {
        LossSums sums = measurement.sums();
        StringJoiner notes = new StringJoiner("; ");
        Estimate total = Estimate.of(
                sums.nll(), Intervals.meanLoss(sums.windows()).map(mean -> mean.map(loss -> loss * sums.tokens())));
        TextCounts text = tokens.counts();
        if (subject.plan.predictions() < subject.plan.length()) {
            notes.add("the stream has only " + subject.plan.tokens()
                    + " tokens, so its one window is shorter than the length");
        }
        return new LanguageRow(
                subject.run,
                subject.encoding,
                subject.protocol,
                subject.plan.length(),
                subject.plan.stride(),
                subject.trainingLength,
                sums.tokens(),
                total.value(),
                perplexity("perplexity", total, sums.tokens(), notes),
                perplexity("word perplexity", total, text.words(), notes),
                perplexity("space-token perplexity", total, tokens.spaceTokens(), notes),
                bits(total, text.bytes()),
                bits(total, text.characters()),
                text.words(),
                text.bytes(),
                text.characters(),
                tokens.spaceTokens(),
                measurement.perSecond(sums.tokens()),
                measurement.peakMemoryBytes(),
                Status.OK,
                notes.toString(),
                PositionLoss.of(sums));
    }

    /** The row of a subject without a result. */
    public static LanguageRow without(Subject subject, Status status, String message) {
        return new LanguageRow(
                subject.run,
                subject.encoding,
                subject.protocol,
                subject.plan.length(),
                subject.plan.stride(),
                subject.trainingLength,
                null,
                null,
                null,
                null,
                null,
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
                null);
    }

    @Override
    public LanguageRow withRun(String name) {
        return with(name, protocol);
    }

    /** The same measurement seen as that of another protocol, whose windows lie the same way. */
    LanguageRow as(Protocol other) {
        return with(run, other);
    }

    private LanguageRow with(String newRun, Protocol newProtocol) {
        return new LanguageRow(
                newRun,
                encoding,
                newProtocol,
                length,
                stride,
                trainingLength,
                tokens,
                nll,
                perplexity,
                wordPerplexity,
                spaceTokenPerplexity,
                bitsPerByte,
                bitsPerCharacter,
                words,
                bytes,
                characters,
                spaceTokens,
                tokensPerSecond,
                peakMemoryBytes,
                status,
                message,
                lossByPosition);
    }

    private static Estimate perplexity(String name, Estimate nll, long denominator, StringJoiner notes) {
        if (denominator == 0) {
            return null;
        }
        double value = Math.exp(nll.value() / denominator);
        if (Double.isInfinite(value)) {
            notes.add("the " + name + " exp(" + (float) (nll.value() / denominator) + ") is too large for a number");
            return null;
        }
        Optional<Interval> ends = Optional.ofNullable(nll.interval())
                .filter(ofNll -> Double.isFinite(Math.exp(ofNll.high() / denominator)))
                .map(ofNll -> ofNll.map(end -> Math.exp(end / denominator)));
        return Estimate.of(value, ends);
    }

    private static Estimate bits(Estimate nll, long denominator) {
        return denominator == 0 ? null : nll.map(value -> value / (Math.log(2) * denominator));
    }
}

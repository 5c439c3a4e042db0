package org.seqpe.evaluation.image;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.seqpe.core.config.Resolution;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.Confusion;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Intervals;
import org.seqpe.evaluation.Measurement;
import org.seqpe.evaluation.SweepRow;

/**
 * One line of an image model's sweep: a run, measured at a resolution. What was not measured is null and the message
 * says why. docs/evaluation.md defines every column; their order here is that of sweep.csv and sweep.json.
 *
 * @param run name of the run
 * @param encoding its position encoding; null when the run could not be opened
 * @param resolution size of the pictures
 * @param trainingResolution size of the pictures that it was trained on; null when the run could not be opened
 * @param pictures that were classified
 * @param loss mean cross-entropy in nats, with the interval of {@link Intervals#meanLoss}
 * @param top1 share of the pictures whose true class has the largest logit, with the interval of
 *     {@link Intervals#share}
 * @param top5 share of the pictures whose true class is among the five with the largest logits, likewise
 * @param imagesPerSecond pictures per second of wall clock time
 * @param peakMemoryBytes most resident memory of the process meanwhile
 * @param status whether there is a result
 * @param message why there is none, or what to know about it; empty when there is nothing to say
 * @param mostConfused the most confused classes (in sweep.json only)
 */
public record ImageRow(
        String run,
        String encoding,
        @JsonSerialize(using = Resolutions.Writer.class) @JsonDeserialize(using = Resolutions.Reader.class)
                Resolution resolution,
        @JsonSerialize(using = Resolutions.Writer.class) @JsonDeserialize(using = Resolutions.Reader.class)
                Resolution trainingResolution,
        Long pictures,
        Estimate loss,
        Estimate top1,
        Estimate top5,
        Double imagesPerSecond,
        Long peakMemoryBytes,
        Status status,
        String message,
        Confusion mostConfused)
        implements SweepRow {

    public ImageRow {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(resolution, "resolution");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(message, "message");
    }

    /** What a row is about. */
    public record Subject(String run, String encoding, Resolution resolution, Resolution trainingResolution) {}

    /**
     * The row of a subject with a result.
     *
     * @param classes names of the classes, by index
     */
    public static ImageRow measured(Subject subject, Measurement<PictureSums> measurement, List<String> classes) {
        PictureSums sums = measurement.sums();
        return new ImageRow(
                subject.run,
                subject.encoding,
                subject.resolution,
                subject.trainingResolution,
                sums.pictures(),
                Estimate.of(sums.losses().mean(), Intervals.meanLoss(sums.losses())),
                share(sums.top1(), sums.pictures()),
                share(sums.top5(), sums.pictures()),
                measurement.perSecond(sums.pictures()),
                measurement.peakMemoryBytes(),
                Status.OK,
                "",
                sums.confusion().largest(classes));
    }

    private static Estimate share(long hits, long pictures) {
        return new Estimate((double) hits / pictures, Intervals.share(hits, pictures));
    }

    /** The row of a subject without a result. */
    public static ImageRow without(Subject subject, Status status, String message) {
        return new ImageRow(
                subject.run,
                subject.encoding,
                subject.resolution,
                subject.trainingResolution,
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
    public ImageRow withRun(String name) {
        return new ImageRow(
                name,
                encoding,
                resolution,
                trainingResolution,
                pictures,
                loss,
                top1,
                top5,
                imagesPerSecond,
                peakMemoryBytes,
                status,
                message,
                mostConfused);
    }

    /** There is one way of measuring. */
    @Override
    public String series() {
        return "centre-crop";
    }

    @Override
    public AxisValue at() {
        return Resolutions.place(resolution);
    }

    @Override
    public AxisValue trainedAt() {
        return trainingResolution == null ? null : Resolutions.place(trainingResolution);
    }

    @Override
    public Optional<Confusion> confusion() {
        return Optional.ofNullable(mostConfused);
    }
}

package org.seqpe.evaluation.image;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.Measurement;
import org.seqpe.evaluation.OpenRun;
import org.seqpe.evaluation.Sweep;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.SweepRun;

/** Measures image models at resolutions. */
public final class ImageSweep {
    private final EvaluationConfig config;
    private final ImageScoring scoring;
    private final Sweep<ImagePoint, ImageRow> sweep;

    /** Classifies in this process. */
    public ImageSweep(EvaluationConfig config, Progress progress, Consumer<ImageRow> finished) {
        this(config, ImageScoring.here(config.batchImages()), progress, finished);
    }

    /**
     * @param config resolutions, most pictures and batch size; the split and the crop are already in the runs' pictures
     * @param scoring where pictures are classified
     * @param progress receives the number of pixels that are done, also of those that were given up
     * @param finished is given every row as soon as it is final
     */
    public ImageSweep(EvaluationConfig config, ImageScoring scoring, Progress progress, Consumer<ImageRow> finished) {
        this.config = config;
        this.scoring = scoring;
        this.sweep = new Sweep<>(progress, finished);
    }

    /**
     * Rows by run, then resolution, in the order in which each was given.
     *
     * @throws UserException if a run has no pictures, before anything is measured
     */
    public List<ImageRow> run(List<ImageRun> runs) {
        return sweep.run(runs.stream().map(Measured::new).toList());
    }

    private final class Measured implements SweepRun<ImagePoint, ImageRow> {
        private final ImageRun run;

        private Measured(ImageRun run) {
            this.run = run;
        }

        @Override
        public String name() {
            return run.name();
        }

        @Override
        public List<ImagePoint> points() {
            long size = run.pictures().size();
            if (size < 1) {
                throw new UserException(
                        "Cannot evaluate: expected a split of at least 1 picture, found none; use another split");
            }
            long pictures = config.maxImages() == 0 ? size : Math.min(config.maxImages(), size);
            return config.sizes().stream()
                    .map(resolution -> new ImagePoint(resolution, pictures))
                    .toList();
        }

        @Override
        public OpenRun<ImagePoint, ImageRow> open() {
            return new Open(run, run.scorer().get(), scoring);
        }

        @Override
        public ImageRow unopened(ImagePoint point, String message) {
            return ImageRow.without(new ImageRow.Subject(run.name(), null, point.size(), null), Status.FAILED, message);
        }

        @Override
        public String memoryKey() {
            return "evaluation.batch-images";
        }
    }

    private record Open(ImageRun run, ImageScorer scorer, ImageScoring scoring)
            implements OpenRun<ImagePoint, ImageRow> {

        private ImageRow.Subject subject(ImagePoint point) {
            return new ImageRow.Subject(run.name(), scorer.encoding(), point.size(), scorer.trainingResolution());
        }

        @Override
        public Optional<String> refusal(ImagePoint point) {
            return scorer.refusal(point.size());
        }

        @Override
        public ImageRow measure(ImagePoint point, LongConsumer done) {
            return ImageRow.measured(
                    subject(point), Measurement.of(() -> scoring.score(run, scorer, point, done)), run.classes());
        }

        @Override
        public ImageRow without(ImagePoint point, Status status, String message) {
            return ImageRow.without(subject(point), status, message);
        }

        @Override
        public ImageRow as(ImageRow row, ImagePoint point) {
            return row;
        }

        @Override
        public void close() {
            scorer.close();
        }
    }
}

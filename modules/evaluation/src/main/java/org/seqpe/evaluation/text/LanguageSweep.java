package org.seqpe.evaluation.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.Measurement;
import org.seqpe.evaluation.OpenRun;
import org.seqpe.evaluation.Sweep;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.SweepRun;

/** Measures language models at window lengths, by protocols. */
public final class LanguageSweep {
    private final EvaluationConfig config;
    private final Scoring scoring;
    private final Sweep<LanguagePoint, LanguageRow> sweep;

    /** Scores in this process. */
    public LanguageSweep(EvaluationConfig config, Progress progress, Consumer<LanguageRow> finished) {
        this(config, Scoring.here(config.batchTokens()), progress, finished);
    }

    /**
     * @param config lengths, protocols, stride and batch size; the split is already in the runs' tokens
     * @param scoring where windows are scored
     * @param progress receives the number of inputs that are done, also of those that were given up
     * @param finished is given every row as soon as it is final
     */
    public LanguageSweep(EvaluationConfig config, Scoring scoring, Progress progress, Consumer<LanguageRow> finished) {
        this.config = config;
        this.scoring = scoring;
        this.sweep = new Sweep<>(progress, finished);
    }

    /**
     * Rows by run, then length, then protocol, in the order in which each was given.
     *
     * @throws org.seqpe.core.UserException if a length, the stride or a split can be used by no run, before anything is
     *     measured
     */
    public List<LanguageRow> run(List<LanguageRun> runs) {
        return sweep.run(runs.stream().map(Measured::new).toList());
    }

    private final class Measured implements SweepRun<LanguagePoint, LanguageRow> {
        private final LanguageRun run;

        private Measured(LanguageRun run) {
            this.run = run;
        }

        @Override
        public String name() {
            return run.name();
        }

        @Override
        public List<LanguagePoint> points() {
            List<LanguagePoint> points = new ArrayList<>();
            for (int length : config.lengths()) {
                for (Protocol protocol : config.protocols()) {
                    points.add(new LanguagePoint(
                            protocol, WindowPlan.of(protocol, run.tokens().tokens(), length, config.stride())));
                }
            }
            return points;
        }

        @Override
        public OpenRun<LanguagePoint, LanguageRow> open() {
            return new Open(run, run.scorer().get(), scoring);
        }

        @Override
        public LanguageRow unopened(LanguagePoint point, String message) {
            return LanguageRow.without(
                    new LanguageRow.Subject(run.name(), null, point.protocol(), point.plan(), null),
                    Status.FAILED,
                    message);
        }

        @Override
        public String memoryKey() {
            return "evaluation.batch-tokens";
        }
    }

    private record Open(LanguageRun run, TokenScorer scorer, Scoring scoring)
            implements OpenRun<LanguagePoint, LanguageRow> {

        private LanguageRow.Subject subject(LanguagePoint point) {
            return new LanguageRow.Subject(
                    run.name(), scorer.encoding(), point.protocol(), point.plan(), scorer.trainingLength());
        }

        @Override
        public Optional<String> refusal(LanguagePoint point) {
            return scorer.refusal(point.plan().length());
        }

        @Override
        public LanguageRow measure(LanguagePoint point, LongConsumer done) {
            return LanguageRow.measured(
                    subject(point), Measurement.of(() -> scoring.score(run, scorer, point.plan(), done)), run.tokens());
        }

        @Override
        public LanguageRow without(LanguagePoint point, Status status, String message) {
            return LanguageRow.without(subject(point), status, message);
        }

        @Override
        public LanguageRow as(LanguageRow row, LanguagePoint point) {
            return row.as(point.protocol());
        }

        @Override
        public void close() {
            scorer.close();
        }
    }
}

package org.seqpe.evaluation.qa;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/** Asks questions of several lengths. */
public final class AnswerSweep {
    private final EvaluationConfig config;
    private final AnswerScoring scoring;
    private final Sweep<AnswerPoint, AnswerRow> sweep;

    /**
     * @param config lengths, most questions of each, most tokens of an answer, and batch size
     * @param scoring where questions are asked
     * @param progress receives the number of inputs that are done, also of those that were given up
     * @param finished is given every row as soon as it is final
     */
    public AnswerSweep(
            EvaluationConfig config, AnswerScoring scoring, Progress progress, Consumer<AnswerRow> finished) {
        this.config = config;
        this.scoring = scoring;
        this.sweep = new Sweep<>(progress, finished);
    }

    /**
     * Rows by run, then length, in the order in which each was given. A length without questions is refused.
     *
     * @throws UserException if a run has no question at any length, before anything is measured
     */
    public List<AnswerRow> run(List<AnswerRun> runs) {
        return sweep.run(runs.stream().map(Measured::new).toList());
    }

    private final class Measured implements SweepRun<AnswerPoint, AnswerRow> {
        private final AnswerRun run;
        private final Map<Integer, QuestionList> questions = new HashMap<>();

        private Measured(AnswerRun run) {
            this.run = run;
        }

        private QuestionList questions(int length) {
            return questions.computeIfAbsent(
                    length, key -> QuestionList.at(run.split(), config.lengths(), length, config.maxExamples()));
        }

        @Override
        public String name() {
            return run.name();
        }

        @Override
        public List<AnswerPoint> points() {
            List<AnswerPoint> points = config.lengths().stream()
                    .map(length -> new AnswerPoint(
                            length, questions(length).size(), questions(length).longest(run.split())))
                    .toList();
            if (points.stream().allMatch(point -> point.questions() == 0)) {
                throw new UserException("Cannot ask run " + run.name() + ": expected questions of up to "
                        + config.lengths().stream()
                                .mapToInt(Integer::intValue)
                                .max()
                                .orElse(0)
                        + " tokens in the split " + config.split() + ", found none among its "
                        + run.split().size() + "; use other --lengths or another evaluation.split.");
            }
            return points;
        }

        @Override
        public OpenRun<AnswerPoint, AnswerRow> open() {
            return new Open(run, run.scorer().get());
        }

        @Override
        public AnswerRow unopened(AnswerPoint point, String message) {
            return AnswerRow.without(
                    new AnswerRow.Subject(run.name(), null, point.length(), null), Status.FAILED, message);
        }

        @Override
        public String memoryKey() {
            return "evaluation.batch-tokens";
        }

        private final class Open implements OpenRun<AnswerPoint, AnswerRow> {
            private final AnswerRun run;
            private final AnswerScorer scorer;

            private Open(AnswerRun run, AnswerScorer scorer) {
                this.run = run;
                this.scorer = scorer;
            }

            private AnswerRow.Subject subject(AnswerPoint point) {
                return new AnswerRow.Subject(run.name(), scorer.encoding(), point.length(), scorer.trainingLength());
            }

            @Override
            public Optional<String> refusal(AnswerPoint point) {
                return point.questions() == 0
                        ? Optional.of("the split " + config.split() + " has no question of this length")
                        : scorer.refusal(point.longest() + config.newTokens());
            }

            @Override
            public AnswerRow measure(AnswerPoint point, LongConsumer done) {
                return AnswerRow.measured(
                        subject(point),
                        Measurement.of(() -> scoring.score(run, scorer, point, questions(point.length()), done)));
            }

            @Override
            public AnswerRow without(AnswerPoint point, Status status, String message) {
                return AnswerRow.without(subject(point), status, message);
            }

            @Override
            public AnswerRow as(AnswerRow row, AnswerPoint point) {
                return row;
            }

            @Override
            public void close() {
                scorer.close();
            }
        }
    }
}

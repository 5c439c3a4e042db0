package org.seqpe.evaluation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.SweepRow.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures runs at lengths by protocols, one after the other. Whatever goes wrong with one run or length becomes a row
 * that says so, and the others are still measured.
 */
public final class Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);
    private final EvaluationConfig config;
    private final Scoring scoring;
    private final Progress progress;
    private final Consumer<SweepRow> finished;

    /** Scores in this process. */
    public Sweep(EvaluationConfig config, Progress progress, Consumer<SweepRow> finished) {
        this(config, Scoring.here(config.batchTokens()), progress, finished);
    }

    /**
     * @param config lengths, protocols, stride and batch size; the split is already in the runs' tokens
     * @param scoring where windows are scored
     * @param progress receives the number of inputs that are done, also of those that were given up
     * @param finished is given every row as soon as it is final
     */
    public Sweep(EvaluationConfig config, Scoring scoring, Progress progress, Consumer<SweepRow> finished) {
        this.config = config;
        this.scoring = scoring;
        this.progress = progress;
        this.finished = finished;
    }

    /**
     * Rows by run, then length, then protocol, in the order in which each was given.
     *
     * @throws org.seqpe.core.UserException if a length, the stride or a split can be used by no run, before anything is
     *     measured
     */
    public List<SweepRow> run(List<SweepRun> runs) {
        progress.start("Measuring", inputs(runs));
        List<SweepRow> rows = new ArrayList<>();
        for (SweepRun run : runs) {
            TokenScorer opened;
            try {
                opened = run.scorer().get();
            } catch (RuntimeException | OutOfMemoryError e) {
                LOG.warn("Cannot open run {}", run.name(), e);
                rows.addAll(unopened(run, e));
                continue;
            }
            try (TokenScorer scorer = opened) {
                for (int length : config.lengths()) {
                    rows.addAll(atLength(run, scorer, length));
                }
            }
        }
        return rows;
    }

    private long inputs(List<SweepRun> runs) {
        return runs.stream()
                .flatMap(run -> config.lengths().stream()
                        .flatMap(length -> plans(run, length).values().stream().distinct()))
                .mapToLong(WindowPlan::inputs)
                .sum();
    }

    private Map<Protocol, WindowPlan> plans(SweepRun run, int length) {
        Map<Protocol, WindowPlan> plans = new LinkedHashMap<>();
        for (Protocol protocol : config.protocols()) {
            plans.put(protocol, WindowPlan.of(protocol, run.tokens().tokens(), length, config.stride()));
        }
        return plans;
    }

    /** Protocols whose windows lie the same way at this length share one measurement. */
    private List<SweepRow> atLength(SweepRun run, TokenScorer scorer, int length) {
        Map<WindowPlan, SweepRow> measured = new HashMap<>();
        List<SweepRow> rows = new ArrayList<>();
        plans(run, length).forEach((protocol, plan) -> {
            SweepRow row = measured.computeIfAbsent(
                            plan,
                            p -> measure(
                                    run,
                                    scorer,
                                    new SweepRow.Subject(
                                            run.name(), scorer.encoding(), protocol, p, scorer.trainingLength())))
                    .as(protocol);
            finished.accept(row);
            rows.add(row);
        });
        return rows;
    }

    private SweepRow measure(SweepRun run, TokenScorer scorer, SweepRow.Subject subject) {
        WindowPlan plan = subject.plan();
        String what = run.name() + " at " + plan.length();
        long[] left = {plan.inputs()};
        try {
            Optional<String> refusal = scorer.refusal(plan.length());
            if (refusal.isPresent()) {
                return SweepRow.without(subject, Status.REFUSED, refusal.get());
            }
            long start = System.nanoTime();
            Scoring.Scored result = scoring.score(run, scorer, plan, inputs -> {
                left[0] -= inputs;
                progress.advance(inputs, what);
            });
            double seconds = (System.nanoTime() - start) * 1e-9;
            return SweepRow.measured(subject, result.sums(), run.tokens(), seconds, result.peakMemoryBytes());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.warn("Cannot measure run {} at length {}, stride {}", run.name(), plan.length(), plan.stride(), e);
            return SweepRow.without(subject, Status.FAILED, describe(e));
        } finally {
            progress.advance(left[0], what);
        }
    }

    private List<SweepRow> unopened(SweepRun run, Throwable reason) {
        List<SweepRow> rows = new ArrayList<>();
        for (int length : config.lengths()) {
            Map<Protocol, WindowPlan> plans = plans(run, length);
            plans.forEach((protocol, plan) -> {
                SweepRow row = SweepRow.without(
                        new SweepRow.Subject(run.name(), null, protocol, plan, null), Status.FAILED, describe(reason));
                finished.accept(row);
                rows.add(row);
            });
            progress.advance(
                    plans.values().stream()
                            .distinct()
                            .mapToLong(WindowPlan::inputs)
                            .sum(),
                    run.name() + " at " + length);
        }
        return rows;
    }

    private static String describe(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return "out of memory: " + e.getMessage()
                    + "; lower evaluation.batch-tokens or give the process more memory";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}

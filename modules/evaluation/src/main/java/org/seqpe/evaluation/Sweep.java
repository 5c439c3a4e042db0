package org.seqpe.evaluation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.evaluation.SweepRow.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures runs at lengths by protocols, one after the other. Whatever goes wrong with one run or length becomes a row that says so,
 * and the others are still measured.
 */
public final class Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);
    private final EvaluationConfig config;
    private final SweepListener listener;

    /** @param config lengths, protocols, stride and batch size; the split is already in the runs' tokens */
    public Sweep(EvaluationConfig config, SweepListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /**
     * Rows by run, then length, then protocol, in the order in which each was given.
     *
     * @throws org.seqpe.core.UserException if a length, the stride or a split can be used by no run, before anything is measured
     */
    public List<SweepRow> run(List<SweepRun> runs) {
        runs.forEach(run -> config.lengths().forEach(length -> plans(run, length)));
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

    /** Inputs of all measurements of these runs: the total of what {@link SweepListener#scored} is told. */
    public long inputs(List<SweepRun> runs) {
        return runs.stream().flatMap(run -> config.lengths().stream().flatMap(length -> plans(run, length).values().stream().distinct()))
            .mapToLong(WindowPlan::inputs).sum();
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
            SweepRow row = measured.computeIfAbsent(plan, p ->
                measure(run, scorer, new SweepRow.Subject(run.name(), scorer.encoding(), protocol, p, scorer.trainingLength()))).as(protocol);
            listener.finished(row);
            rows.add(row);
        });
        return rows;
    }

    private SweepRow measure(SweepRun run, TokenScorer scorer, SweepRow.Subject subject) {
        WindowPlan plan = subject.plan();
        listener.started(run.name(), plan.length(), plan.stride(), plan.inputs());
        long[] left = {plan.inputs()};
        try {
            Optional<String> refusal = scorer.refusal(plan.length());
            if (refusal.isPresent()) {
                return SweepRow.without(subject, Status.REFUSED, refusal.get());
            }
            PeakMemory.reset();
            long start = System.nanoTime();
            LossSums sums = new Evaluator(scorer, run.tokens(), plan, config.batchTokens()).run(inputs -> {
                left[0] -= inputs;
                listener.scored(inputs);
            });
            double seconds = (System.nanoTime() - start) * 1e-9;
            return SweepRow.measured(subject, sums, run.tokens().counts(), seconds, PeakMemory.bytes());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.warn("Cannot measure run {} at length {}, stride {}", run.name(), plan.length(), plan.stride(), e);
            return SweepRow.without(subject, Status.FAILED, describe(e));
        } finally {
            listener.scored(left[0]);
        }
    }

    private List<SweepRow> unopened(SweepRun run, Throwable reason) {
        List<SweepRow> rows = new ArrayList<>();
        for (int length : config.lengths()) {
            Map<Protocol, WindowPlan> plans = plans(run, length);
            plans.forEach((protocol, plan) -> {
                SweepRow row = SweepRow.without(new SweepRow.Subject(run.name(), null, protocol, plan, null), Status.FAILED, describe(reason));
                listener.finished(row);
                rows.add(row);
            });
            listener.scored(plans.values().stream().distinct().mapToLong(WindowPlan::inputs).sum());
        }
        return rows;
    }

    private static String describe(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return "out of memory: " + e.getMessage() + "; lower evaluation.batch-tokens or give the process more memory";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}

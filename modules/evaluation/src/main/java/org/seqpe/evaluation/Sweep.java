package org.seqpe.evaluation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.SweepRow.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures runs at their points, one after the other. Whatever goes wrong with one run or point becomes a row that says
 * so, and the others are still measured.
 *
 * @param <P> the task's points
 * @param <R> the task's rows
 */
public final class Sweep<P extends SweepPoint, R extends SweepRow> {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);
    private final Progress progress;
    private final Consumer<? super R> finished;

    /**
     * @param progress receives the number of inputs that are done, also of those that were given up
     * @param finished is given every row as soon as it is final
     */
    public Sweep(Progress progress, Consumer<? super R> finished) {
        this.progress = progress;
        this.finished = finished;
    }

    /**
     * Rows by run, then point, in the order in which each was given.
     *
     * @throws org.seqpe.core.UserException if a point can be used by no run, before anything is measured
     */
    public List<R> run(List<? extends SweepRun<P, R>> runs) {
        progress.start("Measuring", runs.stream().mapToLong(Sweep::inputs).sum());
        List<R> rows = new ArrayList<>();
        for (SweepRun<P, R> run : runs) {
            OpenRun<P, R> opened;
            try {
                opened = run.open();
            } catch (RuntimeException | OutOfMemoryError e) {
                LOG.warn("Cannot open run {}", run.name(), e);
                rows.addAll(unopened(run, e));
                continue;
            }
            try (OpenRun<P, R> open = opened) {
                rows.addAll(measure(run, open));
            }
        }
        return rows;
    }

    private static long inputs(SweepRun<?, ?> run) {
        Map<Object, Long> inputs = new HashMap<>();
        run.points().forEach(point -> inputs.put(point.measurement(), point.inputs()));
        return inputs.values().stream().mapToLong(Long::longValue).sum();
    }

    private List<R> measure(SweepRun<P, R> run, OpenRun<P, R> open) {
        Map<Object, R> measured = new HashMap<>();
        List<R> rows = new ArrayList<>();
        for (P point : run.points()) {
            R row = open.as(
                    measured.computeIfAbsent(point.measurement(), measurement -> measure(run, open, point)), point);
            finished.accept(row);
            rows.add(row);
        }
        return rows;
    }

    private R measure(SweepRun<P, R> run, OpenRun<P, R> open, P point) {
        String what = run.name() + " at " + point.label();
        long[] left = {point.inputs()};
        try {
            Optional<String> refusal = open.refusal(point);
            if (refusal.isPresent()) {
                return open.without(point, Status.REFUSED, refusal.get());
            }
            return open.measure(point, inputs -> {
                left[0] -= inputs;
                progress.advance(inputs, what);
            });
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.warn("Cannot measure run {}", what, e);
            return open.without(point, Status.FAILED, describe(run, e));
        } finally {
            progress.advance(left[0], what);
        }
    }

    private List<R> unopened(SweepRun<P, R> run, Throwable reason) {
        List<R> rows = new ArrayList<>();
        for (P point : run.points()) {
            R row = run.unopened(point, describe(run, reason));
            finished.accept(row);
            rows.add(row);
        }
        progress.advance(inputs(run), run.name());
        return rows;
    }

    private static String describe(SweepRun<?, ?> run, Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return "out of memory: " + e.getMessage() + "; lower " + run.memoryKey()
                    + " or give the process more memory";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}

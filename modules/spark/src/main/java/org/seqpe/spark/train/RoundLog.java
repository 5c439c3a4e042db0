package org.seqpe.spark.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.core.events.EventFiles;
import org.seqpe.core.run.MetricsLog;
import org.seqpe.core.run.RunFolder;

/**
 * Hands the figures of every round to all that show them: metrics.jsonl, TensorBoard's event files, Spark's metrics.
 */
final class RoundLog implements AutoCloseable {
    private final MetricsLog metrics;
    private final EventFiles events;
    private final RoundGauges gauges = new RoundGauges();

    RoundLog(RunFolder folder) {
        metrics = folder.metrics();
        events = new EventFiles(folder.tensorboard());
    }

    /** Forgets the rounds after this one, which are about to be computed again. */
    void restartAfter(TrainState state) {
        metrics.truncateAfter(state.round());
        events.restartAfter(state.step());
    }

    /** @param values as {@link RoundMetrics} gives them */
    void append(TrainState state, Map<String, ?> values) {
        metrics.append(state.round(), values);
        Map<String, Number> scalars = scalars(state.round(), values);
        events.scalars(state.step(), scalars);
        gauges.show(scalars);
    }

    /** One number a name; those of replicas are numbered, such as delta_norms/0. */
    private static Map<String, Number> scalars(int round, Map<String, ?> values) {
        Map<String, Number> scalars = new LinkedHashMap<>();
        scalars.put("round", round);
        values.forEach((name, value) -> {
            if (value instanceof Number number) {
                scalars.put(name, number);
            } else if (value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    // The executors' names are text.
                    if (list.get(i) instanceof Number number) {
                        scalars.put(name + "/" + i, number);
                    }
                }
            }
        });
        return scalars;
    }

    @Override
    public void close() {
        gauges.close();
        events.close();
    }
}

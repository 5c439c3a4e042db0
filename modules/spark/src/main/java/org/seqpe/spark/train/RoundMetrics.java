package org.seqpe.spark.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.round.Replica;
import org.seqpe.spark.round.ReplicaReport;
import org.seqpe.spark.round.RoundResult;
import org.seqpe.spark.round.Validator;

/** The line of metrics.jsonl about a round; docs/training.md explains its keys. */
final class RoundMetrics {
    private RoundMetrics() {}

    /**
     * @param unit what is counted, such as "tokens"
     * @param rates of the round
     * @param validation null where nothing was measured
     * @param validationSeconds 0 where nothing was measured
     */
    static Map<String, Object> of(
            String unit,
            TrainState state,
            RoundResult result,
            OuterOptimizer.Rates rates,
            Validator.Validation validation,
            double validationSeconds) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("step", state.step());
        values.put(unit, state.tokens());
        values.put("replicas", state.replicas());
        values.put(Replica.LOSS, result.loss());
        result.means().forEach(values::putIfAbsent);
        values.put(
                "replica_losses",
                result.replicas().stream().map(ReplicaReport::loss).toList());
        putUnlessEmpty("devices", ReplicaReport::device, result, values);
        putUnlessEmpty("matrix_units", ReplicaReport::matrixUnit, result, values);
        if (validation != null) {
            values.put("validation_loss", validation.loss());
            new TreeMap<>(validation.others()).forEach((name, value) -> values.put("validation_" + name, value));
        }
        values.put("learning_rate", rates.inner());
        values.put("outer_learning_rate", rates.outer());
        values.put("delta_norms", Arrays.stream(result.deltas().norms()).boxed().toList());
        double cosine = result.deltas().meanCosine();
        if (Double.isFinite(cosine)) {
            values.put("delta_cosine", cosine);
        }
        values.put("bytes", result.traffic().down() + result.traffic().up());
        values.put("bytes_down", result.traffic().down());
        values.put("bytes_up", result.traffic().up());
        values.put("bytes_moments", result.traffic().moments());
        values.put("broadcast_seconds", result.broadcasting());
        values.put("compute_seconds", result.slowest(ReplicaReport.Times::computing));
        values.put("data_seconds", result.slowest(ReplicaReport.Times::reading));
        values.put("relative_data_seconds", result.readingShare());
        values.put("restore_seconds", result.slowest(ReplicaReport.Times::restoring));
        values.put("store_seconds", result.slowest(ReplicaReport.Times::storing));
        values.put("wait_seconds", result.waiting());
        values.put("aggregate_seconds", result.aggregating());
        values.put("validation_seconds", validationSeconds);
        values.put(unit + "_per_second", result.weight() / result.seconds());
        return values;
    }

    private static void putUnlessEmpty(
            String name, Function<ReplicaReport, String> of, RoundResult result, Map<String, Object> values) {
        List<String> texts = result.replicas().stream().map(of).toList();
        if (texts.stream().anyMatch(text -> !text.isEmpty())) {
            values.put(name, texts);
        }
    }
}

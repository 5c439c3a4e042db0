package org.seqpe.spark.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.round.Replica;
import org.seqpe.spark.round.ReplicaReport;
import org.seqpe.spark.round.RoundResult;

/** The line of metrics.jsonl about a round; docs/training.md explains its keys. */
final class RoundMetrics {
    private RoundMetrics() {}

    /**
     * @param rates of the round
     * @param validationSeconds 0 where nothing was measured
     */
    static Map<String, Object> of(
            TrainState state, RoundResult result, OuterOptimizer.Rates rates, double validationSeconds) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("step", state.step());
        values.put("tokens", state.tokens());
        values.put("replicas", state.replicas());
        values.put(Replica.LOSS, result.loss());
        result.means().forEach(values::putIfAbsent);
        values.put(
                "replica_losses",
                result.replicas().stream().map(ReplicaReport::loss).toList());
        List<String> devices =
                result.replicas().stream().map(ReplicaReport::device).toList();
        if (devices.stream().anyMatch(device -> !device.isEmpty())) {
            values.put("devices", devices);
        }
        if (state.validationLoss() != null) {
            values.put("validation_loss", state.validationLoss());
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
        values.put("restore_seconds", result.slowest(ReplicaReport.Times::restoring));
        values.put("store_seconds", result.slowest(ReplicaReport.Times::storing));
        values.put("wait_seconds", result.waiting());
        values.put("aggregate_seconds", result.aggregating());
        values.put("validation_seconds", validationSeconds);
        values.put("tokens_per_second", result.weight() / result.seconds());
        return values;
    }
}

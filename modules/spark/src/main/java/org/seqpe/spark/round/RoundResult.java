package org.seqpe.spark.round;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.seqpe.spark.merge.DeltaStatistics;
import org.seqpe.spark.moments.SavedMoments;

/**
 * What happened in a round.
 *
 * @param plan the round
 * @param replicas by replica number
 * @param deltas norms and cosines of the replicas' changes
 * @param traffic what passed between driver and replicas
 * @param broadcasting seconds the driver took to hand out the parameters
 * @param job seconds from there to the last replica's result
 * @param aggregating seconds to fetch, average and step
 */
public record RoundResult(
        RoundPlan plan,
        List<ReplicaReport> replicas,
        DeltaStatistics deltas,
        RoundTraffic traffic,
        double broadcasting,
        double job,
        double aggregating) {
    public RoundResult {
        replicas = List.copyOf(replicas);
    }

    /** The amount that all replicas trained on: tokens of a language task, pictures of an image task. */
    public long weight() {
        return replicas.stream().mapToLong(ReplicaReport::weight).sum();
    }

    /** Mean loss of all steps of all replicas, weighted by what they trained on. */
    public double loss() {
        return means().get(Replica.LOSS);
    }

    /** Mean of each measure over the steps of all replicas that have it, weighted by what they trained on. */
    public SortedMap<String, Double> means() {
        SortedMap<String, ReplicaReport.Measure> measures = new TreeMap<>();
        replicas.forEach(replica -> replica.measures()
                .forEach((name, measure) -> measures.merge(name, measure, ReplicaReport.Measure::plus)));
        SortedMap<String, Double> means = new TreeMap<>();
        measures.forEach((name, measure) -> means.put(name, measure.mean()));
        return means;
    }

    /** Where each replica's moments are now. */
    public List<SavedMoments.Blocks> moments() {
        return replicas.stream().map(ReplicaReport::moments).toList();
    }

    /** The largest of the replicas' times for something. */
    public double slowest(ToDoubleFunction<ReplicaReport.Times> part) {
        return replicas.stream()
                .mapToDouble(replica -> part.applyAsDouble(replica.times()))
                .max()
                .orElseThrow();
    }

    /** The largest share of a replica's own time in which it waited for samples. */
    public double readingShare() {
        return replicas.stream()
                .mapToDouble(
                        replica -> replica.times().reading() / replica.times().total())
                .max()
                .orElseThrow();
    }

    /** Seconds of the whole round. */
    public double seconds() {
        return broadcasting + job + aggregating;
    }

    /**
     * Average seconds of the job in which a replica did not work itself: it waited for a slot or for slower replicas.
     */
    public double waiting() {
        return Math.max(
                0,
                job
                        - replicas.stream()
                                .mapToDouble(r -> r.times().total())
                                .average()
                                .orElseThrow());
    }
}

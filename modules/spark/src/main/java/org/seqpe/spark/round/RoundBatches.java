package org.seqpe.spark.round;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.spark.ExecutorFiles;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.vectors.BlockPieces;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag$;

/**
 * The samples of one round: partition k holds those of replica k, made as its task asks for them. It has no parents, so
 * no lineage grows from round to round. Tasks prefer the executor that has their replica's moments.
 */
final class RoundBatches extends RDD<DataSet> {
    private static final long serialVersionUID = 1L;
    private final ReplicaBatches batches;
    private final RoundPlan plan;

    RoundBatches(SparkContext context, ReplicaBatches batches, RoundPlan plan) {
        super(
                context,
                JavaConverters.asScalaBuffer(new ArrayList<Dependency<?>>()),
                ClassTag$.MODULE$.apply(DataSet.class));
        this.batches = batches;
        this.plan = plan;
    }

    @Override
    public Partition[] getPartitions() {
        Partition[] partitions = new Partition[plan.replicas()];
        for (int k = 0; k < partitions.length; k++) {
            partitions[k] = new ReplicaPartition(k);
        }
        return partitions;
    }

    @Override
    public Iterator<DataSet> compute(Partition partition, TaskContext context) {
        // The first thing that a round's task does; samples and checkpoints are files.
        ExecutorFiles.useSparksSettings();
        return JavaConverters.asScalaIterator(
                batches.batches(partition.index(), plan.firstStep(), plan.firstSample(), plan.steps()));
    }

    @Override
    public Seq<String> getPreferredLocations(Partition partition) {
        List<String> places = plan.moments().get(partition.index()) instanceof SavedMoments.Blocks blocks
                ? places(blocks)
                : List.of();
        return JavaConverters.asScalaBuffer(places);
    }

    /** The executor that trained the replica while it lives; then those that have copies of its moments. */
    private static List<String> places(SavedMoments.Blocks blocks) {
        List<String> found = BlockPieces.places(blocks.broadcast(), blocks.name());
        return found.contains(blocks.place()) ? List.of(blocks.place()) : found;
    }

    private record ReplicaPartition(int index) implements Partition {}
}

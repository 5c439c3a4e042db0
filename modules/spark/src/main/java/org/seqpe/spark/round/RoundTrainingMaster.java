package org.seqpe.spark.round;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.api.worker.ExecuteWorkerFlatMap;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingWorker;
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.core.DivergedException;
import org.seqpe.core.config.TrainConfig.DeltaCompression;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.spark.merge.DeltaCode;
import org.seqpe.spark.merge.DeltaStatistics;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.moments.MeanMoments;
import org.seqpe.spark.moments.MomentsFile;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.vectors.BlockPieces;
import org.seqpe.spark.vectors.FloatMemory;
import org.seqpe.spark.vectors.Pieces;
import org.seqpe.spark.vectors.SharedVectors;

/**
 * DL4J Spark's parameter averaging, one round at a time: one partition per replica with samples made inside the task,
 * Adam's moments kept with the replica, results averaged by what they trained on in a fixed order and given to an outer
 * optimizer. Parameters or their deltas cross the driver; moments do not. Not thread-safe: one round runs at a time.
 */
public final class RoundTrainingMaster extends ParameterAveragingTrainingMaster implements AutoCloseable {
    private static final int MOST_FREED = 8;
    private final transient SparkDl4jMultiLayer network;
    private final transient ReplicaFactory replicas;
    private final transient ReplicaBatches batches;
    private final transient OuterOptimizer outer;
    private final transient StorageLevel momentsLevel;
    /** Null where replicas hand over their parameters as they are. */
    private final transient DeltaCode code;

    private final transient Pieces pieces;
    /** The blocks of the moments that the next round starts from are named after this; null before the first round. */
    private transient Broadcast<Integer> heldMoments;
    /** The same for the mean of all moments; null where none is in use. */
    private transient Broadcast<Integer> meanMoments;

    /**
     * Spark frees blocks in the background, and complains where its cleaner meets an unreachable broadcast meanwhile.
     */
    private final transient Deque<Broadcast<?>> freed = new ArrayDeque<>();

    /** A master whose replicas send their parameters uncompressed, in pieces of the usual size. */
    public RoundTrainingMaster(
            JavaSparkContext context,
            MultiLayerNetwork network,
            ReplicaFactory replicas,
            ReplicaBatches batches,
            OuterOptimizer outer) {
        this(context, network, replicas, batches, outer, DeltaCompression.NONE, Pieces.DEFAULT);
    }

    /**
     * @param network the averaged model on the driver; every round replaces its parameters and advances its counters
     * @param replicas builds the model copies in the executors, with parameters of the same length
     * @param compression of the replicas' results
     * @param pieces how vectors are cut on their way between machines
     */
    public RoundTrainingMaster(
            JavaSparkContext context,
            MultiLayerNetwork network,
            ReplicaFactory replicas,
            ReplicaBatches batches,
            OuterOptimizer outer,
            DeltaCompression compression,
            Pieces pieces) {
        super(new Builder(batches.rows())
                .batchSizePerWorker(batches.rows())
                .saveUpdater(true)
                .repartionData(Repartition.Never)
                .rddTrainingApproach(RDDTrainingApproach.Direct)
                .storageLevel(null));
        this.replicas = replicas;
        this.batches = batches;
        this.outer = outer;
        this.code = DeltaCode.of(compression);
        this.pieces = pieces;
        // Two executors hold each replica's moments, so that the loss of one does not cost the rounds since the last
        // checkpoint.
        this.momentsLevel =
                context.isLocal() ? StorageLevel.MEMORY_AND_DISK_SER() : StorageLevel.MEMORY_AND_DISK_SER_2();
        this.network = new SparkDl4jMultiLayer(context, network, this);
    }

    /** A name for this master's networks in the executors. */
    public String run() {
        return trainingMasterUID;
    }

    /**
     * Runs one round and leaves its result in the network.
     *
     * @param round number of the round, from 1
     * @param firstStep optimizer steps that every replica has done before
     * @param firstSample samples that all replicas together have taken before
     * @param steps local steps
     * @param moments where each replica's moments are; one entry per replica
     * @throws ReplicaStateLostException if executors were lost that held what the round needs, and with it possibly the
     *     network's parameters: restore a checkpoint and go on
     */
    public RoundResult round(
            int round, int firstStep, long firstSample, int steps, List<? extends SavedMoments> moments) {
        RoundPlan plan = new RoundPlan(run(), round, firstStep, firstSample, steps, List.copyOf(moments));
        long start = System.nanoTime();
        // The blocks of the round's start and of the replicas' results are named after the first, new moments after the
        // other.
        Broadcast<Integer> parameters = network.getSparkContext().broadcast(round);
        Broadcast<Integer> newMoments = network.getSparkContext().broadcast(round);
        try {
            RoundTrainingWorker worker = handOut(plan, parameters, newMoments);
            double broadcasting = seconds(start);
            long jobStart = System.nanoTime();
            List<ReplicaReport> reports = train(plan, worker);
            double job = seconds(jobStart);
            long jobEnd = System.nanoTime();
            DeltaStatistics deltas = merge(plan, reports, parameters);
            RoundTraffic traffic = RoundTraffic.of(network.getNetwork().params().length(), code, pieces, reports);
            RoundResult result = new RoundResult(plan, reports, deltas, traffic, broadcasting, job, seconds(jobEnd));
            network.setScore(result.loss());
            releaseMoments();
            heldMoments = newMoments;
            newMoments = null;
            return result;
        } catch (Exception e) {
            // Spark throws checked exceptions that no signature names.
            if (isLost(e, moments)) {
                throw new ReplicaStateLostException(round, e);
            }
            throw e;
        } finally {
            // Frees the broadcast parameters and the replicas' results, which are named after it, on every executor.
            free(parameters);
            free(newMoments);
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) * 1e-9;
    }

    /** Hands out the parameters that the round starts from; returns the worker that its tasks run. */
    private RoundTrainingWorker handOut(RoundPlan plan, Broadcast<Integer> parameters, Broadcast<Integer> newMoments) {
        BlockPieces.open(parameters.id());
        BlockPieces.open(newMoments.id());
        BlockPieces.lend(
                parameters.id(),
                BlockPieces.START,
                pieces,
                new FloatMemory(network.getNetwork().params()));
        WorkerConfiguration configuration =
                new WorkerConfiguration(false, batches.rows(), batches.rows(), plan.steps(), 0, false);
        return new RoundTrainingWorker(
                parameters.id(), newMoments.id(), momentsLevel, code, pieces, plan, replicas, batches, configuration);
    }

    /** Runs the round's tasks: what DL4J's {@code doIteration} does with a split of its data. */
    private List<ReplicaReport> train(RoundPlan plan, RoundTrainingWorker worker) {
        JavaRDD<DataSet> data = JavaRDD.fromRDD(
                new RoundBatches(network.getSparkContext().sc(), batches, plan),
                scala.reflect.ClassTag$.MODULE$.apply(DataSet.class));
        // One element per partition, collected in the order of the partitions: replica order.
        return data.mapPartitions(new ExecuteWorkerFlatMap<>(worker)).collect().stream()
                .map(found -> ((ReplicaResult) found).report())
                .toList();
    }

    /** Merges what the tasks left into the network. */
    private DeltaStatistics merge(RoundPlan plan, List<ReplicaReport> reports, Broadcast<Integer> parameters) {
        MultiLayerNetwork averaged = network.getNetwork();
        DeltaStatistics deltas;
        try {
            deltas = new ReplicaMerge(parameters.id(), pieces, reports, outer, code)
                    .into(averaged.params(), plan.round());
        } catch (DivergedException e) {
            throw e;
        } catch (RuntimeException e) {
            // A replica's result is gone with its executor, or some of the network's parameters are already the next
            // ones.
            throw new ReplicaStateLostException(plan.round(), e);
        }
        averaged.setIterationCount(plan.firstStep() + plan.steps());
        return deltas;
    }

    /** Workers need a plan, which only {@link #round} makes. */
    @Override
    public ParameterAveragingTrainingWorker getWorkerInstance(SparkDl4jMultiLayer driver) {
        throw new IllegalStateException(
                "Cannot make a worker: expected a round to be running; call round(...), not fit(...)");
    }

    /**
     * The mean of the replicas' moments, kept until the next round has begun from it and is done.
     *
     * @throws ReplicaStateLostException if executors were lost that held moments
     */
    public SavedMoments meanMoments(int round, List<? extends SavedMoments> moments) {
        if (moments.stream().allMatch(moments.get(0)::equals)) {
            return moments.get(0);
        }
        free(meanMoments);
        meanMoments = network.getSparkContext().broadcast(round);
        BlockPieces.open(meanMoments.id());
        try {
            return MeanMoments.store(network.getSparkContext(), moments, meanMoments.id(), pieces, momentsLevel);
        } catch (Exception e) {
            if (isLost(e, moments)) {
                throw new ReplicaStateLostException(round, e);
            }
            throw e;
        }
    }

    /**
     * Writes the moments that a round left to files of a checkpoint, each by the executor that has them.
     *
     * @param folder Hadoop path with a scheme, the same for all machines
     * @throws ReplicaStateLostException if executors were lost that held moments
     */
    public List<Checkpoints.FileEntry> saveMoments(RoundResult last, String folder) {
        try {
            return MomentsFile.writeAll(network.getSparkContext(), last.moments(), folder);
        } catch (Exception e) {
            if (isLost(e, last.moments())) {
                throw new ReplicaStateLostException(last.plan().round(), e);
            }
            throw e;
        }
    }

    /** Frees what executors and this JVM keep of the run. */
    @Override
    public void close() {
        releaseMoments();
        ReplicaPool.drop(run());
        SharedVectors.freeSpare();
    }

    private void free(Broadcast<?> broadcast) {
        if (broadcast != null) {
            BlockPieces.close(broadcast.id());
            broadcast.destroy();
            freed.addLast(broadcast);
            if (freed.size() > MOST_FREED) {
                freed.removeFirst();
            }
        }
    }

    private void releaseMoments() {
        free(heldMoments);
        heldMoments = null;
        free(meanMoments);
        meanMoments = null;
    }

    /**
     * Whether a job failed because moments were lost. Its exception gives the reason only as text, so this checks which
     * moments still exist.
     */
    private static boolean isLost(Exception cause, List<? extends SavedMoments> needed) {
        return !(cause instanceof ReplicaStateLostException)
                && needed.stream().anyMatch(saved -> saved instanceof SavedMoments.Blocks blocks && !blocks.isWhole());
    }
}

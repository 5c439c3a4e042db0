package org.seqpe.spark.round;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.TaskCompletionListener;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingResult;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingWorker;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.core.DivergedException;
import org.seqpe.spark.cluster.LostDevice;
import org.seqpe.spark.merge.DeltaCode;
import org.seqpe.spark.moments.MomentsFile;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.vectors.BlockPieces;
import org.seqpe.spark.vectors.FloatMemory;
import org.seqpe.spark.vectors.Pieces;

/**
 * The part of a round that runs inside a task: restore the replica, train its local steps, hand over parameters and
 * moments. The result is a function of the round's plan alone; a second attempt of the task gives the same bits.
 */
public final class RoundTrainingWorker extends ParameterAveragingTrainingWorker {
    private static final long serialVersionUID = 1L;
    private final long parametersBroadcast;
    private final long momentsBroadcast;
    private final StorageLevel momentsLevel;
    private final DeltaCode code;
    private final Pieces pieces;
    private final RoundPlan plan;
    private final ReplicaFactory replicas;
    private final ReplicaBatches batches;

    private transient int replica;
    private transient ReplicaPool.Slot slot;
    private transient int done;
    private transient long weight;
    private transient Map<String, ReplicaReport.Measure> measures;
    private transient Supplier<Map<String, Double>> lastMeasures;
    private transient long lastWeight;
    private transient long clock;
    private transient double restoring;
    private transient double computing;
    private transient double reading;

    /**
     * @param parametersBroadcast id of the broadcast that the parameters' blocks are named after:
     *     {@link BlockPieces#START} and the results
     * @param momentsBroadcast id of the broadcast that the new moments' blocks are named after
     * @param momentsLevel how Spark keeps them
     * @param code of the delta that is the result; null to hand over the parameters as they are
     * @param pieces how all of these vectors are cut
     */
    RoundTrainingWorker(
            long parametersBroadcast,
            long momentsBroadcast,
            StorageLevel momentsLevel,
            DeltaCode code,
            Pieces pieces,
            RoundPlan plan,
            ReplicaFactory replicas,
            ReplicaBatches batches,
            WorkerConfiguration configuration) {
        super(null, true, configuration, null, null, null);
        this.parametersBroadcast = parametersBroadcast;
        this.momentsBroadcast = momentsBroadcast;
        this.momentsLevel = momentsLevel;
        this.code = code;
        this.pieces = pieces;
        this.plan = plan;
        this.replicas = replicas;
        this.batches = batches;
    }

    @Override
    public MultiLayerNetwork getInitialModel() {
        return LostDevice.endsTheExecutor(this::begin);
    }

    private MultiLayerNetwork begin() {
        clock = System.nanoTime();
        replica = TaskContext.getPartitionId();
        slot = ReplicaPool.take(plan.run(), replica, replicas);
        ReplicaPool.Slot taken = slot;
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> {
            taken.replica().detach();
            ReplicaPool.giveBack(taken);
        });
        slot.replica().attach();
        MultiLayerNetwork network = slot.replica().network();
        BlockPieces.spread(
                parametersBroadcast,
                BlockPieces.START,
                pieces,
                new FloatMemory(network.params()),
                replica,
                plan.replicas());
        SavedMoments saved = plan.moments().get(replica);
        if (!slot.holds(saved)) {
            slot.setHolds(null);
            restore(saved, moments(network));
        } else if (saved instanceof SavedMoments.Blocks blocks) {
            // The steps change them in place; a repeated task starts from what they are now.
            BlockPieces.keep(blocks.broadcast(), blocks.name());
        }
        slot.setHolds(null);
        network.setIterationCount(plan.firstStep());
        slot.replica().begin();
        done = 0;
        weight = 0;
        measures = new TreeMap<>();
        lastMeasures = null;
        computing = 0;
        reading = 0;
        restoring = lap();
        return network;
    }

    @Override
    public ParameterAveragingTrainingResult processMinibatch(DataSet step, MultiLayerNetwork network, boolean isLast) {
        reading += lap();
        LostDevice.endsTheExecutor(() -> {
            network.fit(step);
            Nd4j.getExecutioner().commit();
        });
        // The last step's, while the device computes this one.
        addMeasures();
        lastWeight = batches.weight((org.nd4j.linalg.dataset.DataSet) step);
        lastMeasures = slot.replica().measures();
        weight += lastWeight;
        done++;
        computing += lap();
        return isLast ? getFinalResult(network) : null;
    }

    /** Adds what the step measured that was asked for last. */
    private void addMeasures() {
        if (lastMeasures != null) {
            LostDevice.endsTheExecutor(lastMeasures)
                    .forEach((name, value) -> measures.merge(
                            name,
                            new ReplicaReport.Measure(value * lastWeight, lastWeight),
                            ReplicaReport.Measure::plus));
            lastMeasures = null;
        }
    }

    @Override
    public ParameterAveragingTrainingResult getFinalResult(MultiLayerNetwork network) {
        if (done != plan.steps()) {
            throw new IllegalStateException(
                    "Cannot finish a round: expected " + plan.steps() + " batches, found " + done + where());
        }
        addMeasures();
        double loss = measures.get(Replica.LOSS).mean();
        if (!Double.isFinite(loss)) {
            throw new DivergedException(
                    "Cannot go on training: expected a finite loss over at least one labelled row, found " + loss
                            + " over " + weight + " labelled rows" + where());
        }
        LostDevice.endsTheExecutor(() -> slot.replica().end());
        // Attempts of one task must not share names: a killed one may have stored half of its pieces.
        String attempt = "r" + replica + "_a" + TaskContext.get().taskAttemptId();
        FloatMemory result = new FloatMemory(network.params());
        if (code == null) {
            BlockPieces.lend(parametersBroadcast, attempt, pieces, result);
        } else {
            slot.delta(code, pieces, result.length()).lend(parametersBroadcast, attempt, result);
        }
        FloatMemory momentsMemory = new FloatMemory(moments(network));
        BlockPieces.put(momentsBroadcast, attempt, pieces, momentsMemory, momentsLevel);
        SavedMoments.Blocks saved =
                new SavedMoments.Blocks(momentsBroadcast, attempt, momentsMemory.length(), pieces, BlockPieces.here());
        slot.setHolds(saved);
        return new ReplicaResult(new ReplicaReport(
                replica,
                weight,
                new TreeMap<>(measures),
                attempt,
                result.length(),
                saved,
                new ReplicaReport.Times(restoring, computing, reading, lap()),
                slot.replica().address(),
                slot.replica().matrixUnit()));
    }

    @Override
    public ParameterAveragingTrainingResult getFinalResultNoData() {
        replica = TaskContext.getPartitionId();
        throw new IllegalStateException("Cannot train: expected " + plan.steps() + " batches, found none" + where());
    }

    /** The moments as DL4J's flat view; null where the updater has none. */
    private static INDArray moments(MultiLayerNetwork network) {
        Updater updater = network.getUpdater();
        return updater.getStateViewArray();
    }

    private void restore(SavedMoments saved, INDArray target) {
        if (saved instanceof SavedMoments.Blocks blocks) {
            FloatMemory memory = new FloatMemory(target);
            if (memory.length() != blocks.length()) {
                throw new IllegalStateException("Cannot restore moments: expected length " + memory.length()
                        + ", found " + blocks.length() + where());
            }
            blocks.copyTo(memory);
        } else if (saved instanceof SavedMoments.File file) {
            MomentsFile.read(file.path(), new FloatMemory(target));
        } else if (target != null) {
            target.assign(0);
        }
    }

    private double lap() {
        long now = System.nanoTime();
        double seconds = (now - clock) * 1e-9;
        clock = now;
        return seconds;
    }

    private String where() {
        return " (replica " + replica + ", round " + plan.round() + ")";
    }
}

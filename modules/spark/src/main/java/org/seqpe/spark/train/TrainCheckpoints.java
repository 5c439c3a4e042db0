package org.seqpe.spark.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.VectorFile;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.moments.MomentsFile;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.round.RoundResult;
import org.seqpe.spark.round.RoundTrainingMaster;
import org.seqpe.spark.vectors.FloatMemory;

/**
 * A run's checkpoints: averaged parameters and the outer optimizer's momentum from the driver, each replica's moments
 * from the executor that has them, and the state.
 */
final class TrainCheckpoints {
    /** The last checkpoint, and an earlier one in case the last is damaged. */
    private static final int KEPT = 2;

    private static final String OUTER = "outer.safetensors";
    private final Checkpoints checkpoints;
    private final TrainSetup setup;
    private final OuterOptimizer outer;
    private final String initial;

    /** @param initial the model that a new run begins with, as {@link InitialModel} reads it; empty for none */
    TrainCheckpoints(Checkpoints checkpoints, TrainSetup setup, OuterOptimizer outer, String initial) {
        this.checkpoints = checkpoints;
        this.initial = initial;
        this.setup = setup;
        this.outer = outer;
    }

    /** A restored run, with as many replicas as the checkpoint has. */
    record Restored(TrainState state, List<SavedMoments> moments) {}

    /** Loads the last checkpoint into the network; a run without one gets its first, of the starting parameters. */
    Restored restore(TrainState start) {
        checkpoints.removeLeftovers();
        Checkpoints.Checkpoint last = checkpoints.latest().orElseGet(() -> begin(start));
        TrainState state = last.state(TrainState.class);
        VectorFile.read(
                last.file(Checkpoints.MODEL),
                setup.arrays(),
                new FloatMemory(setup.network().params())::write);
        setup.network().setIterationCount(state.step());
        outer.momentum().ifPresent(momentum -> restoreMomentum(last, momentum, state.replicas() != start.replicas()));
        markIfBest(state);
        return new Restored(state, moments(last, state));
    }

    private Checkpoints.Checkpoint begin(TrainState start) {
        if (!initial.isEmpty()) {
            InitialModel.load(
                    initial, setup.arrays(), new FloatMemory(setup.network().params())::write);
        }
        return write(start, folder -> List.of());
    }

    /**
     * @param otherReplicas whether there were others before; one replica has no momentum by default, and several then
     *     begin without one
     */
    private void restoreMomentum(Checkpoints.Checkpoint checkpoint, INDArray momentum, boolean otherReplicas) {
        boolean found = checkpoint.manifest().files().stream()
                .anyMatch(file -> file.name().equals(OUTER));
        if (checkpoint.step() == 0 || otherReplicas && !found) {
            momentum.assign(0);
            return;
        }
        if (!found) {
            throw new UserException(
                    "Cannot resume from " + checkpoint.folder() + ": expected " + OUTER
                            + ", the momentum of the outer optimizer, found none; the checkpoint is"
                            + " of a run that was averaged without one. Continue it with train.outer.optimizer = average, or begin another run.");
        }
        VectorFile.read(checkpoint.file(OUTER), setup.arrays(), new FloatMemory(momentum)::write);
    }

    /** Saves the state after a round. */
    void save(TrainState state, RoundResult result, RoundTrainingMaster master) {
        write(state, folder -> master.saveMoments(result, folder));
        markIfBest(state);
        checkpoints.keepNewest(KEPT);
    }

    /** Whether a validation loss is below that of the best checkpoint. */
    boolean isBest(double validationLoss) {
        return checkpoints
                .bestValidation()
                .map(best -> validationLoss < best.loss())
                .orElse(true);
    }

    private Checkpoints.Checkpoint write(TrainState state, Function<String, List<Checkpoints.FileEntry>> moments) {
        Map<String, HadoopFiles.Content> files = new TreeMap<>();
        files.put(
                Checkpoints.MODEL,
                out -> VectorFile.write(
                        out, setup.arrays(), new FloatMemory(setup.network().params())::read));
        if (state.step() > 0) {
            outer.momentum()
                    .ifPresent(momentum -> files.put(
                            OUTER, out -> VectorFile.write(out, setup.arrays(), new FloatMemory(momentum)::read)));
        }
        return checkpoints.write(state.step(), state, files, moments);
    }

    /** The loss is part of the state, so that a crash between a checkpoint and this mark loses nothing. */
    private void markIfBest(TrainState state) {
        if (state.validationLoss() != null && isBest(state.validationLoss())) {
            checkpoints.markBest(new Checkpoints.Best(state.step(), state.validationLoss()));
        }
    }

    private static List<SavedMoments> moments(Checkpoints.Checkpoint checkpoint, TrainState state) {
        if (state.step() == 0) {
            return Collections.nCopies(state.replicas(), new SavedMoments.Zero());
        }
        List<SavedMoments> moments = new ArrayList<>();
        for (int k = 0; k < state.replicas(); k++) {
            moments.add(new SavedMoments.File(MomentsFile.in(checkpoint, k)));
        }
        return moments;
    }
}

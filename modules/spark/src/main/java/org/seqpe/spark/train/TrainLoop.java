package org.seqpe.spark.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.config.TrainConfig;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.core.run.RunInfo;
import org.seqpe.core.run.RunLock;
import org.seqpe.spark.cluster.TaskDevice;
import org.seqpe.spark.cluster.TaskSlots;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.round.ReplicaStateLostException;
import org.seqpe.spark.round.RoundResult;
import org.seqpe.spark.round.RoundTrainingMaster;
import org.seqpe.spark.round.Validator;
import org.seqpe.spark.vectors.Pieces;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Round after round until the run's last step, from wherever its folder says it is. */
final class TrainLoop {
    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);
    private final RunConfig config;
    private final RunFolder folder;
    private final TrainSetup setup;
    private final TrainCheckpoints checkpoints;
    private final OuterOptimizer outer;
    private final Progress progress;
    private final Pieces pieces;
    /** That replicas have computed products with. */
    private final Set<String> matrixUnits = new TreeSet<>();

    private final RoundLog roundLog;

    /** The state that the network has, and the replicas' moments that go with it. */
    private TrainState state;

    private List<? extends SavedMoments> moments;
    private Double lastLoss;

    TrainLoop(RunConfig config, RunFolder folder, TrainSetup setup, OuterOptimizer outer, Progress progress) {
        this(config, folder, setup, outer, progress, Pieces.DEFAULT);
    }

    /** @param pieces how vectors are cut on their way between machines */
    TrainLoop(
            RunConfig config,
            RunFolder folder,
            TrainSetup setup,
            OuterOptimizer outer,
            Progress progress,
            Pieces pieces) {
        this.config = config;
        this.folder = folder;
        this.setup = setup;
        this.checkpoints = new TrainCheckpoints(
                folder.checkpoints(), setup, outer, config.train().initial());
        this.outer = outer;
        this.progress = progress;
        this.pieces = pieces;
        this.roundLog = new RoundLog(folder);
    }

    TrainSummary run(JavaSparkContext spark, TrainOptions options) {
        long start = System.nanoTime();
        TrainConfig train = config.train();
        RunLimit limit = new RunLimit(train.maxRuntime(), options.stop());
        TaskDevice.requireOneEach(spark.getConf(), config.device());
        TaskSlots.await(spark, train, options.stop(), progress);
        try (RunLock lock = folder.lock(options.forceUnlock());
                RoundTrainingMaster master = new RoundTrainingMaster(
                        spark,
                        setup.network(),
                        setup.replicas(),
                        setup.batches(),
                        outer,
                        train.deltaCompression(),
                        pieces);
                TaskSlots slots = new TaskSlots(spark, master.run(), train.clusterTimeout());
                roundLog) {
            spark.setJobGroup(master.run(), "continuing " + folder.path());
            folder.begin(
                    config,
                    RunInfo.now(config.name(), setup.device(), setup.dataSha256(), train.replicas()),
                    options.newReplicas());
            restore(master);
            folder.saveConfig(config);
            progress.start("Training", train.steps());
            progress.advance(state.step(), state.step() == 0 ? "" : "resumed");
            RoundFailures failures = new RoundFailures(train.roundRetries(), spark, state.step());
            boolean stopping = limit.isAskedToStop();
            while (state.step() < train.steps() && !stopping) {
                try {
                    spark.setJobDescription(
                            "round " + (state.round() + 1) + " of " + train.rounds() + ", from step " + state.step());
                    OuterOptimizer.Rates rates = rates(train.stepsOfRound(state.step()));
                    RoundResult result = round(master, rates, failures, slots);
                    lock.requireHeld();
                    stopping = limit.isReached();
                    finishRound(master, result, rates, stopping);
                    failures.reached(state.step());
                } catch (ReplicaStateLostException e) {
                    if (!failures.mayGoOn(state.round() + 1, e, "going on from the last checkpoint")) {
                        throw e;
                    }
                    int lost = state.step();
                    restore(master);
                    progress.advance(state.step() - lost, "back at step " + state.step());
                }
            }
        } finally {
            spark.clearJobGroup();
        }
        Double best = folder.checkpoints()
                .bestValidation()
                .map(Checkpoints.Best::loss)
                .orElse(null);
        boolean complete = state.step() >= train.steps();
        return new TrainSummary(
                state.step(),
                state.tokens(),
                setup.unit(),
                lastLoss,
                best,
                (System.nanoTime() - start) * 1e-9,
                complete ? TrainSummary.End.LAST_STEP : limit.end(),
                train.roundsFrom(state.step()));
    }

    /** One round, tried again where it fails before it has changed anything. */
    private RoundResult round(
            RoundTrainingMaster master, OuterOptimizer.Rates rates, RoundFailures failures, TaskSlots slots) {
        int number = state.round() + 1;
        List<? extends SavedMoments> start = null;
        while (true) {
            try {
                // Once: tasks of a round that fails may have begun to change what a mean was made of.
                start = start == null ? startMoments(master) : start;
                outer.begin(rates);
                return master.round(
                        number, state.step(), state.samples(), config.train().stepsOfRound(state.step()), start);
            } catch (Exception e) {
                // Spark throws checked exceptions that no signature names.
                if (slots.problem() != null) {
                    throw new IllegalStateException("Cannot go on with round " + number + ": " + slots.problem(), e);
                }
                if (e instanceof ReplicaStateLostException || !failures.mayGoOn(number, e, "trying it again")) {
                    throw e;
                }
            }
        }
    }

    /** The replicas' moments at the start of the next round. */
    private List<? extends SavedMoments> startMoments(RoundTrainingMaster master) {
        return switch (config.train().moments()) {
            case KEEP -> moments;
            case AVERAGE -> Collections.nCopies(state.replicas(), master.meanMoments(state.round() + 1, moments));
            case RESET -> Collections.nCopies(state.replicas(), new SavedMoments.Zero());
        };
    }

    /** The rates for the next round. */
    private OuterOptimizer.Rates rates(int steps) {
        int step = state.step();
        return new OuterOptimizer.Rates(
                config.train().resolvedOuter().learningRate(step),
                setup.learningRate().applyAsDouble(step + steps - 1),
                step == 0 ? 0 : setup.learningRate().applyAsDouble(step - 1));
    }

    private void restore(RoundTrainingMaster master) {
        int replicas = config.train().replicas();
        TrainCheckpoints.Restored restored = checkpoints.restore(TrainState.start(config.seed(), replicas));
        state = restored.state();
        moments = restored.moments();
        roundLog.restartAfter(state);
        if (state.replicas() != replicas) {
            LOG.warn(
                    "Going on with {} replicas from step {}, where there were {}",
                    replicas,
                    state.step(),
                    state.replicas());
            moments = resized(master, replicas);
            state = state.withReplicas(replicas);
            folder.recordReplicas(state.step(), replicas);
        }
    }

    /** Replicas that stay keep their moments; new ones begin with the mean of all moments. */
    private List<SavedMoments> resized(RoundTrainingMaster master, int replicas) {
        List<SavedMoments> resized = new ArrayList<>(moments.subList(0, Math.min(replicas, moments.size())));
        if (resized.size() < replicas) {
            resized.addAll(
                    Collections.nCopies(replicas - resized.size(), master.meanMoments(state.round() + 1, moments)));
        }
        return resized;
    }

    /** Validates, logs and saves what is due. */
    private void finishRound(
            RoundTrainingMaster master, RoundResult result, OuterOptimizer.Rates rates, boolean stopping) {
        TrainConfig train = config.train();
        state = state.after(result, setup.batches().rows());
        moments = result.moments();
        lastLoss = result.loss();
        warnOfMixedUnits(result);
        boolean last = state.step() >= train.steps();
        long start = System.nanoTime();
        boolean best = false;
        Validator.Validation validation = null;
        if (train.validateEvery() > 0 && (last || state.round() % train.validateEvery() == 0)) {
            validation = setup.validator().validate();
            state = state.withValidationLoss(validation.loss());
            best = checkpoints.isBest(state.validationLoss());
        }
        double validationSeconds = (System.nanoTime() - start) * 1e-9;
        roundLog.append(state, RoundMetrics.of(setup.unit(), state, result, rates, validation, validationSeconds));
        if (last || stopping || best || state.round() % train.checkpointEvery() == 0) {
            checkpoints.save(state, result, master);
        }
        progress.advance(
                result.plan().steps(),
                String.format(
                        Locale.ROOT,
                        "loss %.4f%s, %.0f %s/s",
                        result.loss(),
                        state.validationLoss() == null
                                ? ""
                                : String.format(Locale.ROOT, ", validation %.4f", state.validationLoss()),
                        result.weight() / result.seconds(),
                        setup.unit()));
    }

    /** A run repeats bitwise only on the same units. */
    private void warnOfMixedUnits(RoundResult result) {
        int before = matrixUnits.size();
        result.replicas().forEach(replica -> matrixUnits.add(replica.matrixUnit()));
        if (before < matrixUnits.size() && matrixUnits.size() > 1) {
            LOG.warn(
                    "Replicas compute products with different units, {}: the run goes on, but it will not repeat bitwise elsewhere."
                            + " Choose machines of one kind, or device.precision = float32.",
                    matrixUnits);
        }
    }
}

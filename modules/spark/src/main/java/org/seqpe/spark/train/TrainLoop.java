package org.seqpe.spark.train;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.Checkpoints;
import org.seqpe.core.Progress;
import org.seqpe.core.RunFolder;
import org.seqpe.core.RunInfo;
import org.seqpe.core.RunLock;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.config.TrainConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Round after round until the run's last step, from wherever its folder says it is. */
final class TrainLoop {
    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);
    /** Restorations in a row without a new checkpoint, after which a cluster is considered unfit. */
    private static final int MOST_RESTORATIONS = 3;
    private final RunConfig config;
    private final RunFolder folder;
    private final TrainSetup setup;
    private final TrainCheckpoints checkpoints;
    private final OuterOptimizer outer;
    private final Progress progress;

    /** The state that the network has, and the replicas' moments that go with it. */
    private TrainState state;
    private List<? extends SavedMoments> moments;
    private Double lastLoss;

    TrainLoop(RunConfig config, RunFolder folder, TrainSetup setup, OuterOptimizer outer, Progress progress) {
        this.config = config;
        this.folder = folder;
        this.setup = setup;
        this.checkpoints = new TrainCheckpoints(folder.checkpoints(), setup, outer);
        this.outer = outer;
        this.progress = progress;
    }

    /** @param forceUnlock take the run folder from a job that holds it */
    TrainSummary run(JavaSparkContext spark, boolean forceUnlock) {
        long start = System.nanoTime();
        TrainConfig train = config.train();
        try (RunLock lock = folder.lock(forceUnlock);
             RoundTrainingMaster master = new RoundTrainingMaster(spark, setup.network(), setup.replicas(), setup.batches(), outer)) {
            folder.begin(config, RunInfo.now(config.name(), setup.dataSha256(), train.replicas()));
            restore();
            folder.saveConfig(config);
            progress.start("Training", train.steps());
            progress.advance(state.step(), state.step() == 0 ? "" : "resumed");
            int restorations = 0;
            while (state.step() < train.steps()) {
                try {
                    spark.setJobDescription("round " + (state.round() + 1) + " of " + train.rounds() + ", from step " + state.step());
                    int steps = train.stepsOfRound(state.step());
                    OuterOptimizer.Rates rates = rates(steps);
                    outer.begin(rates);
                    RoundResult result = master.round(state.round() + 1, state.step(), steps, moments);
                    lock.requireHeld();
                    restorations = finishRound(master, result, rates) ? 0 : restorations;
                } catch (ReplicaStateLostException e) {
                    if (++restorations > MOST_RESTORATIONS) {
                        throw e;
                    }
                    LOG.warn("{}; going on from the last checkpoint", e.getMessage(), e);
                    int lost = state.step();
                    restore();
                    progress.advance(state.step() - lost, "back at step " + state.step());
                }
            }
        } finally {
            spark.setJobDescription(null);
        }
        Double best = folder.checkpoints().bestValidation().map(Checkpoints.Best::loss).orElse(null);
        return new TrainSummary(state.step(), state.tokens(), lastLoss, best, (System.nanoTime() - start) * 1e-9);
    }

    /** Of the next round. */
    private OuterOptimizer.Rates rates(int steps) {
        int step = state.step();
        return new OuterOptimizer.Rates(config.train().resolvedOuter().learningRate(step), setup.learningRate().applyAsDouble(step + steps - 1),
                step == 0 ? 0 : setup.learningRate().applyAsDouble(step - 1));
    }

    private void restore() {
        TrainCheckpoints.Restored restored = checkpoints.restore(TrainState.start(config.seed(), config.train().replicas()));
        state = restored.state();
        moments = restored.moments();
        folder.metrics().truncateAfter(state.round());
    }

    /** Validates, logs and saves what is due. Returns whether there is a new checkpoint. */
    private boolean finishRound(RoundTrainingMaster master, RoundResult result, OuterOptimizer.Rates rates) {
        TrainConfig train = config.train();
        state = state.after(result, setup.batches().rows());
        moments = result.moments();
        lastLoss = result.loss();
        boolean last = state.step() >= train.steps();
        long start = System.nanoTime();
        boolean best = false;
        if (train.validateEvery() > 0 && (last || state.round() % train.validateEvery() == 0)) {
            state = state.withValidationLoss(setup.validator().loss());
            best = checkpoints.isBest(state.validationLoss());
        }
        double validationSeconds = (System.nanoTime() - start) * 1e-9;
        folder.metrics().append(state.round(), RoundMetrics.of(state, result, rates, validationSeconds));
        boolean due = last || best || state.round() % train.checkpointEvery() == 0;
        if (due) {
            checkpoints.save(state, result, master);
        }
        progress.advance(result.plan().steps(), String.format(java.util.Locale.ROOT, "loss %.4f%s, %.0f tokens/s", result.loss(),
                state.validationLoss() == null ? "" : String.format(java.util.Locale.ROOT, ", validation %.4f", state.validationLoss()),
                result.tokens() / result.seconds()));
        return due;
    }
}

package org.seqpe.model.seqpe;

import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.Grid;
import org.seqpe.model.ModelSpec;

/** Draws the positions of every pass of a run: a pure function of (seed, replica, pass). */
public final class PositionSampler implements PositionSource {
    private static final long DROPOUT = 1;

    private final ObjectiveConfig objective;
    private final long seed;
    private final int replica;
    private final int[] firstPositions;
    private MainSampler mainSampler;
    private MainWindows mainWindows;
    private ContrastiveSampler contrastiveSampler;
    private ContrastiveBatch contrastiveBatch;
    private TransferSampler transferSampler;
    private TransferBatch transferBatch;

    /**
     * @param seed the run's
     * @param replica which of the run's model copies
     */
    public PositionSampler(ModelSpec spec, ObjectiveConfig objective, long seed, int replica) {
        this.objective = objective;
        this.seed = seed;
        this.replica = replica;
        firstPositions = spec.grid().positions();
        if (spec.isSeqPe()) {
            prepare(
                    PositionDigits.below(
                            spec.position().maxPosition(), spec.seqpe().dimensions(), spec.digits()),
                    spec.grid());
        }
    }

    private void prepare(PositionDigits layout, Grid grid) {
        // The authors' text and image programs differ in what they draw.
        ReferenceVariant variant = grid.dimensions() == 1 ? ReferenceVariant.TEXT : ReferenceVariant.IMAGE;
        mainSampler = new MainSampler(layout, grid, objective.shift(), seed, replica);
        mainWindows = new MainWindows(objective.shift().groups(), grid);
        ObjectiveConfig.Contrastive contrastive = objective.contrastive();
        if (contrastive.weight() > 0) {
            contrastiveSampler = new ContrastiveSampler(layout, contrastive, variant, seed, replica);
            contrastiveBatch =
                    new ContrastiveBatch(contrastive.pivots(), contrastive.candidates(), layout.dimensions());
        }
        ObjectiveConfig.Transfer transfer = objective.transfer();
        if (transfer.weight() > 0) {
            transferSampler = new TransferSampler(layout, grid, transfer, variant, seed, replica);
            transferBatch = new TransferBatch(transfer.windows(), transfer.offsets(), layout.dimensions());
        }
    }

    @Override
    public StepPositions draw(long pass) {
        long dropoutSeed = RandomStream.derive(seed, DROPOUT, replica, pass);
        if (mainSampler == null) {
            return new StepPositions(firstPositions, 1, null, null, dropoutSeed);
        }
        mainSampler.draw(pass, mainWindows);
        StepPositions.Contrastive contrastive = null;
        if (contrastiveSampler != null) {
            contrastiveSampler.draw(pass, contrastiveBatch);
            contrastive = new StepPositions.Contrastive(
                    contrastiveBatch.pivots(),
                    objective.contrastive().pivots(),
                    contrastiveBatch.candidates(),
                    objective.contrastive().candidates(),
                    contrastiveBatch.labels());
        }
        StepPositions.Transfer transfer = null;
        // Only a step whose own window is not shifted has a teacher (method.md section 4).
        if (transferSampler != null && !mainWindows.shifted()) {
            transferSampler.draw(pass, transferBatch);
            transfer = new StepPositions.Transfer(
                    transferBatch.positions(),
                    objective.transfer().windows(),
                    objective.transfer().offsets(),
                    transferBatch.offsets());
        }
        return new StepPositions(mainWindows.positions(), mainWindows.count(), contrastive, transfer, dropoutSeed);
    }
}

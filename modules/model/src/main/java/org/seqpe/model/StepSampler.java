package org.seqpe.model;

import java.util.Arrays;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.position.ContrastiveBatch;
import org.seqpe.model.position.ContrastiveSampler;
import org.seqpe.model.position.MainSampler;
import org.seqpe.model.position.MainWindows;
import org.seqpe.model.position.PositionDigits;
import org.seqpe.model.position.ReferenceVariant;
import org.seqpe.model.position.TransferBatch;
import org.seqpe.model.position.TransferSampler;
import org.seqpe.model.position.Window;

/** Draws the positions of every pass of a run: a pure function of (seed, replica, pass). */
public final class StepSampler implements StepInputs {
    private static final long DROPOUT = 1;

    private final ModelSpec spec;
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
     * @param seed    the run's
     * @param replica which of the run's model copies
     */
    public StepSampler(ModelSpec spec, ObjectiveConfig objective, long seed, int replica) {
        this.spec = spec;
        this.objective = objective;
        this.seed = seed;
        this.replica = replica;
        firstPositions = new int[spec.trainingLength()];
        Arrays.setAll(firstPositions, i -> i);
        if (spec.isSeqPe()) {
            prepare(PositionDigits.below(spec.position().maxPosition(), spec.seqpe().dimensions(), spec.digits()), new Window(spec.trainingLength()));
        }
    }

    private void prepare(PositionDigits layout, Window window) {
        mainSampler = new MainSampler(layout, window, objective.shift(), seed, replica);
        mainWindows = new MainWindows(objective.shift().groups(), window);
        ObjectiveConfig.Contrastive contrastive = objective.contrastive();
        if (contrastive.weight() > 0) {
            contrastiveSampler = new ContrastiveSampler(layout, contrastive, ReferenceVariant.TEXT, seed, replica);
            contrastiveBatch = new ContrastiveBatch(contrastive.pivots(), contrastive.candidates(), layout.dimensions());
        }
        ObjectiveConfig.Transfer transfer = objective.transfer();
        if (transfer.weight() > 0) {
            transferSampler = new TransferSampler(layout, window, transfer, ReferenceVariant.TEXT, seed, replica);
            transferBatch = new TransferBatch(transfer.windows(), transfer.offsets(), layout.dimensions());
        }
    }

    @Override
    public StepInput draw(long pass, int[] tokens, int[] targets, int batch) {
        long dropoutSeed = RandomStream.derive(seed, DROPOUT, replica, pass);
        int length = spec.trainingLength();
        if (!spec.isSeqPe()) {
            return new StepInput(tokens, targets, batch, length, firstPositions, 1, null, null, dropoutSeed);
        }
        mainSampler.draw(pass, mainWindows);
        StepInput.Contrastive contrastive = null;
        if (contrastiveSampler != null) {
            contrastiveSampler.draw(pass, contrastiveBatch);
            contrastive = new StepInput.Contrastive(contrastiveBatch.pivots(), objective.contrastive().pivots(), contrastiveBatch.candidates(),
                    objective.contrastive().candidates(), contrastiveBatch.labels());
        }
        StepInput.Transfer transfer = null;
        // Only a step whose own window is not shifted has a teacher (method.md section 4).
        if (transferSampler != null && !mainWindows.shifted()) {
            transferSampler.draw(pass, transferBatch);
            transfer = new StepInput.Transfer(transferBatch.positions(), objective.transfer().windows(), objective.transfer().offsets(),
                    transferBatch.offsets());
        }
        return new StepInput(tokens, targets, batch, length, mainWindows.positions(), mainWindows.count(), contrastive, transfer, dropoutSeed);
    }
}

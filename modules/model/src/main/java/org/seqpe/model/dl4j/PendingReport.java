package org.seqpe.model.dl4j;

import org.seqpe.compute.Doubles;
import org.seqpe.core.DivergedException;
import org.seqpe.model.Losses;
import org.seqpe.model.network.PassLosses;
import org.seqpe.model.params.ParameterLayout.Part;

/** Losses and gradient norms of a step that the device may still be computing. */
public final class PendingReport {
    private final Doubles results;
    private final PassLosses[] passes;
    private final long weight;
    private final boolean encodes;
    private final int replica;
    private final int step;
    private StepReport report;

    /**
     * @param results sums of the passes, then the squared norms of the parts
     * @param weight labelled rows of all passes
     * @param encodes whether the model has a position encoder
     */
    PendingReport(Doubles results, PassLosses[] passes, long weight, boolean encodes, int replica, int step) {
        this.results = results;
        this.passes = passes;
        this.weight = weight;
        this.encodes = encodes;
        this.replica = replica;
        this.step = step;
    }

    /**
     * Waits for the step's kernels, but not for those behind them.
     *
     * @throws DivergedException if the loss is not finite
     */
    public StepReport read() {
        if (report == null) {
            report = compute(results.toArray());
        }
        return report;
    }

    private StepReport compute(double[] read) {
        double total = 0;
        double task = 0;
        double contrastive = 0;
        double transfer = 0;
        int transfers = 0;
        for (int i = 0; i < passes.length; i++) {
            Losses losses = passes[i].read(read, i * PassLosses.SLOTS);
            total += losses.total();
            task += losses.task();
            contrastive += losses.contrastive() / passes.length;
            // Micro-batches with shifted windows have no transfer loss.
            if (!Double.isNaN(losses.transfer())) {
                transfer += losses.transfer();
                transfers++;
            }
        }
        if (!Double.isFinite(total)) {
            throw new DivergedException("Training diverged: the loss of replica " + replica + " is " + total
                    + " at step " + step + " (task " + task + ", contrastive " + contrastive + ", transfer " + transfer
                    + " in " + transfers + " batches)");
        }
        int norms = passes.length * PassLosses.SLOTS;
        return new StepReport(
                new Losses(task, weight, contrastive, transfers == 0 ? Double.NaN : transfer / transfers, total),
                Math.sqrt(read[norms + Part.MODEL.ordinal()]),
                encodes ? Math.sqrt(read[norms + Part.POSITION_ENCODER.ordinal()]) : 0);
    }
}

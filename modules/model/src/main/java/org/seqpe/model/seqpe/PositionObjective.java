package org.seqpe.model.seqpe;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.transformer.RandomKeys;

/**
 * Everything besides the task that trains the position encoder (method.md section 4): the vectors of a pass, and the
 * contrastive and transfer losses on them. It works on positions of any grid and does not depend on the task. For a
 * model without a position encoder, it does nothing.
 */
public final class PositionObjective {
    /** Number of places for sums of losses that {@link #backward} uses. */
    public static final int SLOTS = 2;

    private final ObjectiveConfig config;
    private final int dimensions;
    private final PositionEncoder encoder;
    private final ContrastiveLoss contrastive;
    private final TransferLoss transfer;
    private int[] merged = new int[0];
    private StepPositions pass;
    private Tensor vectors;
    /** The vectors as the losses read them, in float32. */
    private final RowBuffer lossVectors;

    private Tensor gradients;
    private int ownRows;
    private int pivots;
    private int candidates;
    private int far;

    /** @param config weights and forms of the two losses; used only if the model has a position encoder */
    public PositionObjective(
            ModelSpec spec, ObjectiveConfig config, Parameters parameters, Device device, RandomKeys keys) {
        this.config = config;
        dimensions = spec.grid().dimensions();
        if (!spec.isSeqPe()) {
            encoder = null;
            lossVectors = null;
            contrastive = null;
            transfer = null;
            return;
        }
        lossVectors = new RowBuffer(device, spec.positionWidth());
        encoder = new PositionEncoder(spec, parameters, device, keys, true);
        ObjectiveConfig.Transfer settings = config.transfer();
        // The reference passes neither scale nor head count to its contrastive loss, so it uses plain dot products of
        // whole vectors.
        contrastive = new ContrastiveLoss(device, 1, 1, 0);
        int heads =
                settings.multiHead() && spec.seqpe().multiHead() ? spec.config().heads() : 1;
        transfer = new TransferLoss(
                device, heads, (float) settings.logitScale(), settings.metric(), (float) settings.beta());
    }

    /**
     * Encodes all positions of a pass in one call, as the reference does: equal ones and common prefixes are computed
     * once.
     *
     * @param size T, positions of a window
     */
    public void begin(StepPositions newPass, int size) {
        pass = newPass;
        if (encoder == null) {
            return;
        }
        ownRows = pass.windowCount() * size;
        boolean contrasts = pass.contrastive() != null && config.contrastive().weight() > 0;
        boolean transfers = pass.transfer() != null && config.transfer().weight() > 0;
        if (transfers && pass.windowCount() != 1) {
            throw new IllegalArgumentException(
                    "Cannot compute the transfer loss: expected one own window, found " + pass.windowCount());
        }
        pivots = contrasts ? pass.contrastive().count() : 0;
        candidates = contrasts ? pass.contrastive().candidateCount() : 0;
        far = transfers ? pass.transfer().farCount() : 0;
        merge();
        vectors = encoder.forward(merged, ownRows + pivots + candidates + far);
        gradients = encoder.zeroGradient();
    }

    /** The vectors of the samples' windows, [Bp * T, W]; null without a position encoder. */
    public Tensor vectors() {
        return encoder == null ? null : vectors.firstRows(ownRows);
    }

    /** The trunk adds the gradients of the vectors here; null without a position encoder. */
    public Tensor dVectors() {
        return encoder == null ? null : gradients.firstRows(ownRows);
    }

    /**
     * Adds the gradients of {@code factor} times the weighted losses, and runs the encoder's backward pass. The trunk
     * must have added its own gradients before.
     *
     * @param sums receives the sums of the two losses
     * @param slot the first of {@link #SLOTS} places in {@code sums}
     */
    public Terms backward(double factor, Doubles sums, int slot) {
        if (encoder == null) {
            return Terms.NONE;
        }
        double contrastiveFactor = config.contrastive().weight() * factor;
        double transferFactor = config.transfer().weight() * factor;
        int first = ownRows;
        Tensor exact = pivots + far > 0 ? lossVectors.inPrecision(vectors) : null;
        if (pivots > 0) {
            contrastive.lossAndGradient(
                    exact.rows(first, pivots),
                    exact.rows(first + pivots, candidates),
                    pass.contrastive().nearest(),
                    contrastiveFactor,
                    gradients.rows(first, pivots),
                    gradients.rows(first + pivots, candidates),
                    sums,
                    slot);
        }
        first += pivots + candidates;
        if (far > 0) {
            transfer.lossAndGradient(
                    exact.firstRows(ownRows),
                    exact.rows(first, far),
                    pass.transfer().offsets(),
                    pass.transfer().windows(),
                    transferFactor,
                    dVectors(),
                    gradients.rows(first, far),
                    sums,
                    slot + 1);
        }
        encoder.backward();
        return new Terms(
                pivots > 0 ? contrastive.terms(pivots) : 0,
                far > 0
                        ? transfer.terms(
                                pass.transfer().windows(), pass.transfer().each())
                        : 0,
                contrastiveFactor,
                transferFactor);
    }

    /**
     * Says how to compute the losses from the sums that {@link #backward} leaves.
     *
     * @param contrastive number of losses in the contrastive sum; 0 where it was not computed
     * @param transfer number of losses in the transfer sum; 0 where it was not computed
     * @param contrastiveFactor factor of the mean contrastive loss in the total
     * @param transferFactor factor of the mean transfer loss in the total
     */
    public record Terms(double contrastive, double transfer, double contrastiveFactor, double transferFactor) {
        static final Terms NONE = new Terms(0, 0, 0, 0);
    }

    private void merge() {
        int needed = (ownRows + pivots + candidates + far) * dimensions;
        if (merged.length < needed) {
            merged = new int[needed];
        }
        int at = append(pass.windows(), ownRows, 0);
        if (pivots > 0) {
            at = append(pass.contrastive().pivots(), pivots, at);
            at = append(pass.contrastive().candidates(), candidates, at);
        }
        if (far > 0) {
            append(pass.transfer().far(), far, at);
        }
    }

    private int append(int[] positions, int count, int at) {
        System.arraycopy(positions, 0, merged, at, count * dimensions);
        return at + count * dimensions;
    }
}

package org.seqpe.model;

import java.util.Arrays;
import java.util.Optional;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.params.Parameters;

/**
 * A GPT-2 shaped language model with a position encoding and the whole training objective (method.md): losses and gradients of a step, and
 * losses of tokens in evaluation. Memory for a batch shape is allocated when it first occurs and used again. Not thread-safe.
 */
public final class LanguageModel {
    private final ModelSpec spec;
    private final ObjectiveConfig objective;
    private final Parameters parameters;
    private final Device device;
    private final RandomKeys keys = new RandomKeys();
    private final LanguageHead head;
    private final ContrastiveLoss contrastive;
    private final TransferLoss transfer;
    private Gpt training;
    private PositionEncoder trainingEncoder;
    private Gpt evaluation;
    private EvaluationVectors evaluationVectors;
    private boolean keepsPositionVectors;
    private int[] merged = new int[0];
    private int[] evaluationPositions = new int[0];

    /**
     * @param objective  weights and forms of the two position losses; read for SeqPE only
     * @param parameters of {@code spec.layout()}; without gradients the model can only evaluate
     */
    public LanguageModel(ModelSpec spec, ObjectiveConfig objective, Parameters parameters, Device device) {
        this.spec = spec;
        this.objective = objective;
        this.parameters = parameters;
        this.device = device;
        head = new LanguageHead(device, parameters.weight("transformer.wte.weight"));
        ObjectiveConfig.Transfer settings = objective.transfer();
        // The reference hands neither scale nor head count to its contrastive loss: whole vectors, plain dot products.
        contrastive = new ContrastiveLoss(device, 1, 1, 0);
        boolean byHead = settings.multiHead() && (!spec.isSeqPe() || spec.seqpe().multiHead());
        transfer = new TransferLoss(device, byHead ? spec.config().heads() : 1, (float) settings.logitScale(), settings.metric(), (float) settings.beta());
    }

    public ModelSpec spec() {
        return spec;
    }

    public Parameters parameters() {
        return parameters;
    }

    public Device device() {
        return device;
    }

    /**
     * Adds the gradient of taskFactor * (sum of the token losses) + positionFactor * (the weighted position losses) to the parameters' gradients.
     *
     * @param taskFactor     1 / (tokens of the whole step) makes the task's loss a mean
     * @param positionFactor 1 / (batches of the step)
     */
    public Losses lossAndGradient(StepInput input, double taskFactor, double positionFactor) {
        if (parameters.gradients() == null) {
            throw new IllegalStateException("Cannot train a model whose parameters have no gradients");
        }
        if (training == null) {
            training = new Gpt(spec, parameters, device, keys, true);
            trainingEncoder = spec.isSeqPe() ? new PositionEncoder(spec, parameters, device, keys, true) : null;
        }
        keys.begin(input.seed());
        int windowRows = input.windowCount() * input.length();
        boolean contrasts = spec.isSeqPe() && input.contrastive() != null && objective.contrastive().weight() > 0;
        boolean transfers = spec.isSeqPe() && input.transfer() != null && objective.transfer().weight() > 0;
        Tensor vectors = null;
        Tensor gradients = null;
        int pivots = contrasts ? input.contrastive().count() : 0;
        int candidates = contrasts ? pivots * input.contrastive().each() : 0;
        int far = transfers ? input.transfer().windows() * input.transfer().each() : 0;
        if (spec.isSeqPe()) {
            // One call for all positions, as in the reference: equal ones and common prefixes are computed once.
            int count = windowRows + pivots + candidates + far;
            merge(input, windowRows, pivots, candidates, far);
            vectors = trainingEncoder.forward(merged, count);
            gradients = trainingEncoder.zeroGradient();
        }
        Tensor own = rows(vectors, 0, windowRows);
        Tensor dOwn = rows(gradients, 0, windowRows);
        Tensor hidden = training.forward(input.tokens(), input.batch(), input.length(),
                new PositionEncoding.Pass(input.windows(), input.windowCount(), input.length(), input.length(), own, dOwn));
        long tokens = predicted(input.targets(), input.batch() * input.length());
        double taskSum = head.lossAndGradient(hidden, input.targets(), (float) taskFactor, training.gradient());
        training.backward();

        double total = taskSum * taskFactor;
        double contrastiveLoss = Double.NaN;
        double transferLoss = Double.NaN;
        if (contrasts) {
            double factor = objective.contrastive().weight() * positionFactor;
            contrastiveLoss = contrastive.lossAndGradient(rows(vectors, windowRows, pivots), rows(vectors, windowRows + pivots, candidates),
                    input.contrastive().nearest(), factor, rows(gradients, windowRows, pivots), rows(gradients, windowRows + pivots, candidates));
            total += factor * contrastiveLoss;
        }
        if (transfers) {
            if (input.windowCount() != 1) {
                throw new IllegalArgumentException("Cannot compute the transfer loss: expected one own window, found " + input.windowCount());
            }
            int first = windowRows + pivots + candidates;
            double factor = objective.transfer().weight() * positionFactor;
            transferLoss = transfer.lossAndGradient(own, rows(vectors, first, far), input.transfer().offsets(), input.transfer().windows(), factor,
                    dOwn, rows(gradients, first, far));
            total += factor * transferLoss;
        }
        if (spec.isSeqPe()) {
            trainingEncoder.backward();
        }
        return new Losses(tokens == 0 ? 0 : taskSum / tokens, tokens, contrastiveLoss, transferLoss, total);
    }

    /**
     * Whether the vectors of positions are kept from one evaluation to the next, until this is called again: right only while the parameters do
     * not change. Off at first.
     */
    public void keepPositionVectors(boolean keep) {
        keepsPositionVectors = keep;
        if (evaluationVectors != null) {
            evaluationVectors.keep(keep);
        }
    }

    /**
     * The loss of every token, in nats; 0 where the target is negative. Valid until the next call.
     *
     * @param tokens  [B * T] at positions 0 to T-1
     * @param targets [B * T]
     * @param contextLength the length that is being evaluated: T, or more for a last, shorter window (a learned table is stretched to it)
     * @throws IllegalArgumentException if the encoding has no positions for that length; see {@link #refusal}
     */
    public float[] losses(int[] tokens, int[] targets, int batch, int length, int contextLength) {
        return head.losses(evaluate(tokens, batch, length, contextLength), targets);
    }

    /** The logits of every token, [B * T, V]: for inspection and tests. */
    public Tensor logits(int[] tokens, int batch, int length, int contextLength) {
        return head.logits(evaluate(tokens, batch, length, contextLength));
    }

    /** Why this model cannot read a context of the given length, if so. */
    public Optional<String> refusal(int length) {
        int positions = spec.position().maxPosition();
        return spec.isSeqPe() && length > positions
                ? Optional.of("length " + length + " needs positions up to " + (length - 1) + ", but model.position.max-position is " + positions)
                : Optional.empty();
    }

    /** The input of block {@code layer} of the last training pass, or for the number of layers the states after the last norm; [B * T, C]. */
    Tensor hidden(int layer) {
        return training.hidden(layer);
    }

    /** The logits of the last training pass, [B * T, V]. */
    Tensor trainingLogits() {
        return head.logits(hidden(spec.config().layers()));
    }

    private Tensor evaluate(int[] tokens, int batch, int length, int contextLength) {
        Optional<String> refusal = refusal(contextLength);
        if (refusal.isPresent()) {
            throw new IllegalArgumentException("Cannot evaluate: " + refusal.get());
        }
        if (evaluation == null) {
            evaluation = new Gpt(spec, parameters, device, keys, false);
            if (spec.isSeqPe()) {
                evaluationVectors = new EvaluationVectors(spec, device, new PositionEncoder(spec, parameters, device, keys, false));
                evaluationVectors.keep(keepsPositionVectors);
            }
        }
        if (evaluationPositions.length != length) {
            evaluationPositions = new int[length];
            Arrays.setAll(evaluationPositions, i -> i);
        }
        Tensor vectors = evaluationVectors == null ? null : evaluationVectors.first(length, contextLength);
        return evaluation.forward(tokens, batch, length,
                new PositionEncoding.Pass(evaluationPositions, 1, length, contextLength, vectors, null));
    }

    private void merge(StepInput input, int windowRows, int pivots, int candidates, int far) {
        int dimensions = spec.seqpe().dimensions();
        int needed = (windowRows + pivots + candidates + far) * dimensions;
        if (merged.length < needed) {
            merged = new int[needed];
        }
        int at = 0;
        System.arraycopy(input.windows(), 0, merged, at, windowRows * dimensions);
        at += windowRows * dimensions;
        if (pivots > 0) {
            System.arraycopy(input.contrastive().pivots(), 0, merged, at, pivots * dimensions);
            at += pivots * dimensions;
            System.arraycopy(input.contrastive().candidates(), 0, merged, at, candidates * dimensions);
            at += candidates * dimensions;
        }
        if (far > 0) {
            System.arraycopy(input.transfer().far(), 0, merged, at, far * dimensions);
        }
    }

    private static Tensor rows(Tensor matrix, int first, int count) {
        return matrix == null ? null : matrix.view(first * matrix.columns(), count, matrix.columns());
    }

    private static long predicted(int[] targets, int count) {
        long tokens = 0;
        for (int i = 0; i < count; i++) {
            if (targets[i] >= 0) {
                tokens++;
            }
        }
        return tokens;
    }
}

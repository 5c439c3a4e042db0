package org.seqpe.model.text;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Samples;
import org.seqpe.model.TaskLayers;
import org.seqpe.model.params.Parameters;

/** The token embedding and the {@link LanguageHead} tied to it. */
final class LanguageLayers implements TaskLayers {
    private final int length;
    private final TokenEmbedding embedding;
    private final LanguageHead head;
    private int[] tokens = new int[0];
    private int[] targets = new int[0];

    /** @param length T of training */
    LanguageLayers(int length, Parameters parameters, Device device) {
        this.length = length;
        embedding = new TokenEmbedding(parameters, device);
        head = new LanguageHead(device, parameters.weight(LanguageTask.EMBEDDING));
    }

    @Override
    public void begin(Samples samples) {
        int size = samples.count() * length;
        if (tokens.length < size) {
            tokens = new int[size];
        }
        fill(samples.features(), samples.firstSample() * length, tokens, size);
        if (samples.labels() != null) {
            targets = targets.length < size ? new int[size] : targets;
            fill(samples.labels(), samples.firstSample() * length, targets, size);
        }
        begin(tokens, size);
    }

    private static void fill(float[] values, int from, int[] target, int count) {
        for (int i = 0; i < count; i++) {
            target[i] = (int) values[from + i];
        }
    }

    /** Takes {@code count} tokens of windows of any length, without targets. */
    void begin(int[] newTokens, int count) {
        embedding.begin(newTokens, count);
    }

    @Override
    public void input(Tensor target) {
        embedding.input(target);
    }

    @Override
    public void lossAndGradient(Tensor hidden, float factor, Tensor dHidden, Doubles sums, int slot) {
        head.lossAndGradient(hidden, targets, factor, dHidden, sums, slot);
    }

    /** The loss of every row of an evaluation, 0 where the target is negative; valid until the next call. */
    float[] losses(Tensor hidden, int[] evaluationTargets) {
        return head.losses(hidden, evaluationTargets);
    }

    @Override
    public void inputBackward(Tensor dInput) {
        embedding.backward(dInput);
    }

    @Override
    public Tensor outputs(Tensor hidden) {
        return head.logits(hidden);
    }
}

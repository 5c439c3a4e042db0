package org.seqpe.model.qa;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.AnswerConfig.Positions;
import org.seqpe.model.Grid;
import org.seqpe.model.Placement;
import org.seqpe.model.Samples;
import org.seqpe.model.TaskLayers;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.text.LanguageTask;
import org.seqpe.model.text.TokenEmbedding;

/** The token embedding, and the {@link AnswerHead} tied to it. A pass is as long as its longest example. */
final class AnswerLayers implements TaskLayers {
    private final AnswerTask task;
    private final TokenEmbedding embedding;
    private final AnswerHead head;
    private Placement placement;
    private int[] tokens = new int[0];
    private int[] targets = new int[0];

    AnswerLayers(AnswerTask task, Parameters parameters, Device device) {
        this.task = task;
        embedding = new TokenEmbedding(parameters, device);
        head = new AnswerHead(device, parameters.weight(LanguageTask.EMBEDDING));
    }

    @Override
    public void begin(Samples samples) {
        int batch = samples.count();
        int[] lengths = new int[batch];
        int longest = 1;
        for (int i = 0; i < batch; i++) {
            lengths[i] = length(samples.features(), samples.firstSample() + i);
            longest = Math.max(longest, lengths[i]);
        }
        int rows = Math.min(task.length(), (longest + task.step() - 1) / task.step() * task.step());
        tokens = grown(tokens, batch * rows);
        fill(samples.features(), samples.firstSample(), batch, rows, 0, tokens);
        embedding.begin(tokens, batch * rows);
        if (samples.labels() != null) {
            targets = grown(targets, batch * rows);
            fill(samples.labels(), samples.firstSample(), batch, rows, AnswerTask.PADDING, targets);
            head.begin(targets, batch * rows);
        }
        placement =
                new Placement(new Grid(rows), task.positions() == Positions.BATCH ? before(lengths, longest) : null);
    }

    /** How many rows of padding the reference puts before each example. */
    private static int[] before(int[] lengths, int longest) {
        int[] before = new int[lengths.length];
        for (int i = 0; i < before.length; i++) {
            before[i] = longest - lengths[i];
        }
        return before;
    }

    private int length(float[] features, int sample) {
        int end = task.length();
        while (end > 0 && features[sample * task.length() + end - 1] < 0) {
            end--;
        }
        return end;
    }

    /** Copies the first {@code rows} values of each sample; negative ones become {@code missing}. */
    private void fill(float[] values, int first, int batch, int rows, int missing, int[] out) {
        for (int i = 0; i < batch; i++) {
            for (int t = 0; t < rows; t++) {
                int value = (int) values[(first + i) * task.length() + t];
                out[i * rows + t] = value < 0 ? missing : value;
            }
        }
    }

    private static int[] grown(int[] array, int size) {
        return array.length < size ? new int[size] : array;
    }

    /** Takes token ids of examples of any length, for an evaluation: [count], and their targets. */
    void begin(int[] newTokens, int[] newTargets, int count) {
        embedding.begin(newTokens, count);
        head.begin(newTargets, count);
    }

    @Override
    public Placement placement() {
        return placement;
    }

    @Override
    public void input(Tensor target) {
        embedding.input(target);
    }

    @Override
    public void lossAndGradient(Tensor hidden, float factor, Tensor dHidden, Doubles sums, int slot) {
        head.lossAndGradient(hidden, factor, dHidden, sums, slot);
    }

    /** The losses of an evaluation's labelled rows, in their order; valid until the next call. */
    float[] losses(Tensor hidden) {
        return head.losses(hidden);
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

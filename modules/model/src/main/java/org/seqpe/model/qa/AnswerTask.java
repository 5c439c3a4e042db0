package org.seqpe.model.qa;

import org.seqpe.compute.Device;
import org.seqpe.core.config.AnswerConfig.Positions;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.model.Grid;
import org.seqpe.model.TaskLayers;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.text.LanguageTask;
import org.seqpe.model.text.TextTask;

/**
 * To continue prompts with answers (method.md section 7). The model is that of {@link LanguageTask}, so it can begin
 * with a language run's parameters. Features are an example's token ids, prompt and answer, and then {@link #PADDING}
 * up to T; labels are the tokens that follow, negative where no loss is counted.
 *
 * <p>The reference pads the examples of a batch on the left, masks the padding's keys, and counts positions from the
 * left edge of the batch. Here padding is on the right: under the causal mask, no token of an example sees it. Moving
 * an example's positions to the right by as many as the reference puts padding before it gives the same numbers.
 *
 * @param vocabulary V
 * @param length T, tokens of the longest training example
 * @param positions where an example's positions begin in training
 * @param step rows of a batch are a multiple of it, or T: few different shapes, and little padding
 */
public record AnswerTask(int vocabulary, int length, Positions positions, int step) implements TextTask {
    /** Stands where an example has no token. */
    public static final int PADDING = -1;

    private static final int STEP = 64;

    /** The task with the usual shapes of batches. */
    public AnswerTask(int vocabulary, int length, Positions positions) {
        this(vocabulary, length, positions, STEP);
    }

    private LanguageTask language() {
        return new LanguageTask(vocabulary, length);
    }

    @Override
    public String name() {
        return "answers";
    }

    @Override
    public Grid grid() {
        return language().grid();
    }

    @Override
    public boolean causal() {
        return true;
    }

    @Override
    public int featureSize() {
        return length;
    }

    @Override
    public int labelSize() {
        return length;
    }

    @Override
    public int classes() {
        return vocabulary;
    }

    @Override
    public void addInputParameters(ModelConfig config, ParameterLayout.Builder layout) {
        language().addInputParameters(config, layout);
    }

    @Override
    public void addHeadParameters(ModelConfig config, ParameterLayout.Builder layout) {
        language().addHeadParameters(config, layout);
    }

    /** Number of predicted tokens. */
    @Override
    public long weight(float[] labels) {
        return language().weight(labels);
    }

    @Override
    public TaskLayers open(Parameters parameters, Device device) {
        return new AnswerLayers(this, parameters, device);
    }
}

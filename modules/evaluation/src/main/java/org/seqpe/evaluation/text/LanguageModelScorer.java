package org.seqpe.evaluation.text;

import java.util.Optional;
import org.seqpe.model.text.LanguageModel;

/** Scores windows with a trained language model. Positions begin at 0 in every window. */
public final class LanguageModelScorer implements TokenScorer {
    private final LanguageModel model;
    private int[] tokens = new int[0];
    private int[] targets = new int[0];

    /** The model's parameters must not change until {@link #close}. */
    public LanguageModelScorer(LanguageModel model) {
        this.model = model;
        model.model().keepPositionVectors(true);
    }

    @Override
    public float[][] score(int[][] windows, int length) {
        int inputs = windows[0].length - 1;
        if (tokens.length < windows.length * inputs) {
            tokens = new int[windows.length * inputs];
            targets = new int[windows.length * inputs];
        }
        for (int b = 0; b < windows.length; b++) {
            System.arraycopy(windows[b], 0, tokens, b * inputs, inputs);
            System.arraycopy(windows[b], 1, targets, b * inputs, inputs);
        }
        float[] losses = model.losses(tokens, targets, windows.length, inputs, length);
        float[][] result = new float[windows.length][inputs];
        for (int b = 0; b < windows.length; b++) {
            System.arraycopy(losses, b * inputs, result[b], 0, inputs);
        }
        return result;
    }

    @Override
    public Optional<String> refusal(int length) {
        return model.refusal(length);
    }

    @Override
    public int trainingLength() {
        return model.model().spec().grid().size();
    }

    @Override
    public String encoding() {
        return model.model().spec().position().encoding().id();
    }

    @Override
    public void close() {
        model.model().keepPositionVectors(false);
    }
}

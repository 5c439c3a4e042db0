package org.seqpe.evaluation.qa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.model.qa.AnswerModel;

/** The losses of gold answers, given their prompts: those of the answer's tokens and of the end token. */
public final class AnswerLosses {
    private final AnswerModel model;
    private final int end;

    /**
     * The loss of an answer.
     *
     * @param nll in nats, of all its tokens
     * @param tokens how many, with the end token
     */
    public record Loss(double nll, int tokens) {}

    /** @param end the token after an answer */
    public AnswerLosses(AnswerModel model, int end) {
        this.model = model;
        this.end = end;
    }

    /**
     * The losses of some examples, which are computed together. Each begins at position 0.
     *
     * @param length that is being evaluated (a learned table is stretched to it); examples may be longer
     */
    public List<Loss> of(List<AnswerExample> examples, int length) {
        int rows = 1;
        for (AnswerExample example : examples) {
            rows = Math.max(rows, example.prompt().length + example.answer().length);
        }
        int[] tokens = new int[examples.size() * rows];
        int[] targets = new int[tokens.length];
        Arrays.fill(targets, -1);
        for (int i = 0; i < examples.size(); i++) {
            int[] prompt = examples.get(i).prompt();
            int[] answer = examples.get(i).answer();
            System.arraycopy(prompt, 0, tokens, i * rows, prompt.length);
            System.arraycopy(answer, 0, tokens, i * rows + prompt.length, answer.length);
            int first = i * rows + prompt.length - 1;
            System.arraycopy(answer, 0, targets, first, answer.length);
            targets[first + answer.length] = end;
        }
        float[] losses = model.losses(tokens, targets, examples.size(), rows, Math.max(rows, length));
        List<Loss> found = new ArrayList<>();
        int at = 0;
        for (AnswerExample example : examples) {
            double nll = 0;
            int count = example.answer().length + 1;
            for (int t = 0; t < count; t++) {
                nll += losses[at++];
            }
            found.add(new Loss(nll, count));
        }
        return found;
    }
}

package org.seqpe.evaluation.qa;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.core.config.RunConfig;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.evaluation.CheckpointModel;
import org.seqpe.model.qa.AnswerModel;
import org.seqpe.model.text.Generator;
import org.seqpe.model.text.TokenChoice;

/** Asks the model of a checkpoint, on a device of its own. */
public final class AnswerModelScorer implements AnswerScorer {
    private final CheckpointModel checkpoint;
    private final AnswerModel model;
    private final AnswerLosses losses;
    private final Generator generator;
    private final Tokenizer tokenizer;

    private AnswerModelScorer(CheckpointModel checkpoint, Tokenizer tokenizer) {
        this.checkpoint = checkpoint;
        this.tokenizer = tokenizer;
        model = new AnswerModel(checkpoint.model());
        model.model().keepPositionVectors(true);
        losses = new AnswerLosses(model, tokenizer.endOfText());
        // The caller's questions are one batch.
        generator = new Generator(checkpoint.model(), Integer.MAX_VALUE);
    }

    /**
     * Loads the model.
     *
     * @param config of the run, with the vocabulary set
     * @param on what to compute on
     * @param file the checkpoint's {@link org.seqpe.core.run.Checkpoints#MODEL}
     * @throws org.seqpe.core.UserException if the file does not hold the model that the configuration describes
     */
    public static AnswerModelScorer open(RunConfig config, DeviceSpec on, String file, Tokenizer tokenizer) {
        return new AnswerModelScorer(CheckpointModel.open(config, on, file), tokenizer);
    }

    @Override
    public String encoding() {
        return model.model().spec().position().encoding().id();
    }

    @Override
    public int trainingLength() {
        return model.model().spec().grid().size();
    }

    @Override
    public Optional<String> refusal(int tokens) {
        return model.refusal(tokens);
    }

    @Override
    public List<Answered> answer(List<AnswerExample> questions, int length, int newTokens) {
        List<AnswerLosses.Loss> lost = losses.of(questions, length);
        int[][] generated = generator.generate(
                questions.stream().map(AnswerExample::prompt).toList(),
                new Generator.Settings(newTokens, tokenizer.endOfText(), length, TokenChoice.greedy()),
                (text, token) -> {});
        List<Answered> answers = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            AnswerExample question = questions.get(i);
            String text = tokenizer.decode(generated[i]);
            answers.add(new Answered(
                    question.index(),
                    Double.isNaN(question.depth()) ? null : (Double) question.depth(),
                    text,
                    AnswerText.contains(text, question.outputs()),
                    AnswerText.isExact(text, question.outputs()),
                    AnswerText.f1(text, question.outputs()),
                    lost.get(i).nll(),
                    lost.get(i).tokens()));
        }
        return answers;
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}

package org.seqpe.cli;

import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.tokenizer.Tokenizer;

/** The tokenizer of a run of texts. */
final class RunTokenizer {
    private RunTokenizer() {}

    /**
     * The tokenizer of the data that a run was trained on.
     *
     * @throws UserException if that data cannot be read any more, or the run has no texts
     */
    static Tokenizer of(RunFolder run, RunConfig config) {
        String data = config.data().path();
        return switch (config.task()) {
            case LANGUAGE -> TokenDataset.open(data).tokenizer();
            case ANSWERS -> AnswerDataset.open(data).tokenizer();
            case IMAGES -> throw new UserException("Cannot read texts with " + run.path() + ": it is a run of images.");
        };
    }
}

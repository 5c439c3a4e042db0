package org.seqpe.evaluation.qa;

import java.util.List;
import java.util.Optional;
import org.seqpe.data.qa.AnswerExample;

/** A trained model as an evaluation sees it: questions in, answers out. */
public interface AnswerScorer extends AutoCloseable {

    /** The position encoding, as tables name it, such as "seqpe" or "rope". */
    String encoding();

    /** Tokens of the longest example that the model was trained on. */
    int trainingLength();

    /** Why the model cannot read so many tokens, such as "SeqPE positions end at 20000"; empty when it can. */
    Optional<String> refusal(int tokens);

    /**
     * Asks questions, which do not see each other. Answers are generated greedily.
     *
     * @param length that is being evaluated
     * @param newTokens most tokens of an answer
     */
    List<Answered> answer(List<AnswerExample> questions, int length, int newTokens);

    @Override
    void close();
}

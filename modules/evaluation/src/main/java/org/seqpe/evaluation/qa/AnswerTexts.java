package org.seqpe.evaluation.qa;

import java.util.List;

/**
 * The answers themselves, so that anyone can score them again.
 *
 * @param answers in the order of the questions
 */
public record AnswerTexts(List<Answered> answers) {
    public AnswerTexts {
        answers = List.copyOf(answers);
    }
}

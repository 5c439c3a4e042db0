package org.seqpe.evaluation.qa;

import org.seqpe.evaluation.SweepPoint;

/**
 * Questions of a length.
 *
 * @param length tokens of a context with its question and answer
 * @param questions how many there are
 * @param longest tokens of the longest one with its answer
 */
public record AnswerPoint(int length, long questions, int longest) implements SweepPoint {

    @Override
    public String label() {
        return "length " + length;
    }

    /** About the tokens that the model reads. */
    @Override
    public long inputs() {
        return questions * length;
    }

    @Override
    public AnswerPoint measurement() {
        return this;
    }
}

package org.seqpe.evaluation.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Mean loss by position in the window. Positions count from 1, so a position is the number of tokens that its
 * prediction sees.
 *
 * @param octaves groups that widen with the position, four to an octave: for plots on a log axis
 * @param linear every position, or at most {@value #POINTS} groups of equally many positions
 */
public record PositionLoss(Groups octaves, Groups linear) {
    /** Most groups of the linear curve. */
    public static final int POINTS = 512;

    /**
     * A curve, column by column. Groups in which nothing was counted are left out.
     *
     * @param first first position of each group
     * @param last last position of each group
     * @param tokens predictions in it
     * @param loss their mean negative log likelihood in nats
     */
    public record Groups(List<Integer> first, List<Integer> last, List<Long> tokens, List<Double> loss) {
        public Groups {
            first = List.copyOf(first);
            last = List.copyOf(last);
            tokens = List.copyOf(tokens);
            loss = List.copyOf(loss);
        }
    }

    public static PositionLoss of(LossSums sums) {
        int width = Math.max(1, (sums.positions() + POINTS - 1) / POINTS);
        return new PositionLoss(group(sums, PositionLoss::nextQuarterOctave), group(sums, first -> first + width));
    }

    /** The smallest rounded power of the fourth root of 2 that is larger. */
    private static int nextQuarterOctave(int first) {
        int exponent = 0;
        while (Math.round(Math.pow(2, exponent / 4.0)) <= first) {
            exponent++;
        }
        return (int) Math.round(Math.pow(2, exponent / 4.0));
    }

    private static Groups group(LossSums sums, IntUnaryOperator nextFirst) {
        List<Integer> firsts = new ArrayList<>();
        List<Integer> lasts = new ArrayList<>();
        List<Long> tokens = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        for (int first = 1, next; first <= sums.positions(); first = next) {
            next = Math.min(nextFirst.applyAsInt(first), sums.positions() + 1);
            long counted = sums.tokens(first - 1, next - 1);
            if (counted > 0) {
                firsts.add(first);
                lasts.add(next - 1);
                tokens.add(counted);
                losses.add(sums.nll(first - 1, next - 1) / counted);
            }
        }
        return new Groups(firsts, lasts, tokens, losses);
    }
}

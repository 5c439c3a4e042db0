package org.seqpe.evaluation;

import java.util.List;

/**
 * Mean loss by position, in groups of neighbouring positions that count from 1.
 *
 * @param first first position of each group
 * @param last last position of each group
 * @param loss mean loss of each group
 */
public record PositionCurve(List<Integer> first, List<Integer> last, List<Double> loss) {
    public PositionCurve {
        first = List.copyOf(first);
        last = List.copyOf(last);
        loss = List.copyOf(loss);
    }
}

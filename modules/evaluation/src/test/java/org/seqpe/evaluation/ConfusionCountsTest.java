package org.seqpe.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConfusionCountsTest {
    private static final List<String> NAMES =
            IntStream.range(0, 40).mapToObj(i -> "c" + i).toList();

    private static ConfusionCounts of(int[]... truthPredictedTimes) {
        ConfusionCounts counts = new ConfusionCounts();
        for (int[] of : truthPredictedTimes) {
            for (int i = 0; i < of[2]; i++) {
                counts.add(of[0], of[1]);
            }
        }
        return counts;
    }

    @Test
    void mistakesComeByTheirCountAndThenByTheirClasses() {
        Confusion confusion = of(new int[] {3, 3, 7}, new int[] {3, 1, 1}, new int[] {0, 2, 3}, new int[] {3, 0, 1})
                .largest(NAMES);
        assertThat(confusion.pairs())
                .containsExactly(
                        new Confusion.Pair("c0", "c2", 3, 1.0),
                        new Confusion.Pair("c3", "c0", 1, 1 / 9.0),
                        new Confusion.Pair("c3", "c1", 1, 1 / 9.0));
        assertThat(confusion.classes()).containsExactly("c0", "c2", "c3", "c1");
        assertThat(confusion.counts())
                .containsExactly(
                        List.of(0L, 3L, 0L, 0L),
                        List.of(0L, 0L, 0L, 0L),
                        List.of(1L, 0L, 7L, 1L),
                        List.of(0L, 0L, 0L, 0L));
        assertThat(confusion.totals()).containsExactly(3L, 0L, 9L, 0L);
    }

    @Test
    void onlyTheLargestAreShown() {
        int[][] many = IntStream.range(0, 30)
                .mapToObj(i -> new int[] {i, i + 1, 50 - i})
                .toArray(int[][]::new);
        Confusion confusion = of(many).largest(NAMES);
        assertThat(confusion.pairs()).hasSize(ConfusionCounts.PAIRS);
        assertThat(confusion.pairs().get(14)).isEqualTo(new Confusion.Pair("c14", "c15", 36, 1.0));
        assertThat(confusion.classes()).hasSize(ConfusionCounts.CLASSES).startsWith("c0", "c1", "c2");
    }

    @Test
    void withoutMistakesThereIsNothingToShow() {
        assertThat(of(new int[] {1, 1, 5}).largest(NAMES))
                .isEqualTo(new Confusion(List.of(), List.of(), List.of(), List.of()));
        assertThat(new ConfusionCounts().largest(NAMES).pairs()).isEmpty();
    }

    @Test
    void mergedCountsAreThoseOfAllSamples() {
        ConfusionCounts left = of(new int[] {1, 2, 2}, new int[] {1, 1, 1});
        left.merge(of(new int[] {1, 2, 3}, new int[] {4, 0, 1}));
        left.merge(new ConfusionCounts());
        assertThat(left.count(1, 2)).isEqualTo(5);
        assertThat(left.total(1)).isEqualTo(6);
        assertThat(left.total(4)).isEqualTo(1);
        assertThat(left.count(0, 4)).isZero();
    }
}

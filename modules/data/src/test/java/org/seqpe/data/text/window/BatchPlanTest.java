package org.seqpe.data.text.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.data.SampleOrder;

class BatchPlanTest {
    /** Token i of the stream is i, so a batch shows where it came from. */
    private static TokenSequence counting(int tokens) {
        return TokenSequence.of(IntStream.range(0, tokens).toArray());
    }

    @Test
    void anEpochSeesEverySampleOnceAndTheNextInAnotherOrder() {
        BatchPlan plan = new BatchPlan(counting(1 + 4 * 60 + 3), 4, 2, 3, 5, 7);
        assertThat(plan.samples()).isEqualTo(60);
        assertThat(plan.samplesPerStep()).isEqualTo(30);
        assertThat(epoch(plan, 0)).hasSize(60).doesNotHaveDuplicates();
        assertThat(epoch(plan, 60)).hasSize(60).doesNotHaveDuplicates().isNotEqualTo(epoch(plan, 0));
    }

    private static List<Long> epoch(BatchPlan plan, long from) {
        List<Long> seen = new ArrayList<>();
        for (long position = from; position < from + 60; position += plan.samplesPerStep()) {
            for (int replica = 0; replica < 2; replica++) {
                for (int micro = 0; micro < 3; micro++) {
                    for (int row = 0; row < 5; row++) {
                        seen.add(plan.sample(position, replica, micro, row));
                    }
                }
            }
        }
        return seen;
    }

    @Test
    void targetsAreTheInputsOneTokenLaterAndNoTokenIsLeftBetweenSamples() {
        int length = 4;
        BatchPlan plan = new BatchPlan(counting(41), length, 1, 1, 5, 3);
        Set<Integer> inputsSeen = new HashSet<>();
        int[] inputs = new int[5 * length];
        int[] targets = new int[5 * length];
        for (long position = 0; position < 10; position += 5) {
            plan.read(position, 0, 0, inputs, targets);
            for (int i = 0; i < inputs.length; i++) {
                assertThat(targets[i]).isEqualTo(inputs[i] + 1);
                inputsSeen.add(inputs[i]);
            }
        }
        assertThat(inputsSeen)
                .isEqualTo(new HashSet<>(IntStream.range(0, 40).boxed().toList()));
    }

    @Test
    void aSamplesLengthMayBeOne() {
        int[] inputs = new int[2];
        int[] targets = new int[2];
        new BatchPlan(counting(9), 1, 1, 1, 2, 3).read(4, 0, 0, inputs, targets);
        assertThat(targets).containsExactly(inputs[0] + 1, inputs[1] + 1);
    }

    @Test
    void stepsTakeTheSameSamplesWhateverTheReplicas() {
        BatchPlan one = new BatchPlan(counting(1001), 10, 1, 2, 4, 5);
        BatchPlan four = new BatchPlan(counting(1001), 10, 4, 1, 2, 5);
        long[] ofOne = new long[8];
        long[] ofFour = new long[8];
        for (int i = 0; i < 8; i++) {
            ofOne[i] = one.sample(96, 0, i / 4, i % 4);
            ofFour[i] = four.sample(96, i / 2, 0, i % 2);
        }
        assertThat(ofFour).isEqualTo(ofOne);
    }

    @Test
    void seedsGiveDifferentOrders() {
        long[] orders = IntStream.range(0, 50)
                .mapToLong(seed -> new SampleOrder(seed, 1000).at(0))
                .toArray();
        assertThat(Arrays.stream(orders).distinct().count()).isGreaterThan(40);
    }

    @Test
    void placesCanBeVisitedInAnyOrder() {
        SampleOrder order = new SampleOrder(11, 37);
        long[] forward = IntStream.range(0, 200).mapToLong(order::at).toArray();
        for (int i = 199; i >= 0; i--) {
            assertThat(new SampleOrder(11, 37).at(i)).isEqualTo(forward[i]);
            assertThat(order.at(i)).isEqualTo(forward[i]);
        }
    }

    @Test
    void tooLittleTextIsRefused() {
        assertThatThrownBy(() -> new BatchPlan(counting(8), 8, 1, 1, 1, 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("9")
                .hasMessageContaining("found 8");
        assertThatThrownBy(() -> new BatchPlan(counting(25), 8, 4, 1, 1, 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("4 replicas")
                .hasMessageContaining("3 samples");
    }
}

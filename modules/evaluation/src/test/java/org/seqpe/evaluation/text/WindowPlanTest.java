package org.seqpe.evaluation.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig.Protocol;

class WindowPlanTest {

    private static List<WindowPlan.Window> windows(WindowPlan plan) {
        return LongStream.range(0, plan.windows()).mapToObj(plan::window).toList();
    }

    @Test
    void everyTokenAfterTheFirstIsCountedOnceWithTheContextThatTheStrideLeaves() {
        for (int tokens = 2; tokens <= 40; tokens++) {
            for (int length = 1; length <= 14; length++) {
                for (int stride = 1; stride <= length; stride++) {
                    WindowPlan plan = new WindowPlan(tokens, length, stride);
                    int[] counted = new int[tokens];
                    for (WindowPlan.Window window : windows(plan)) {
                        assertThat(window.inputs()).as("%s %s", plan, window).isBetween(1, length);
                        assertThat(window.counted())
                                .as("%s %s", plan, window)
                                .isBetween(1, window.start() == 0 ? length : stride);
                        for (int i = window.inputs() - window.counted(); i < window.inputs(); i++) {
                            counted[(int) window.start() + i + 1]++;
                            assertThat(i)
                                    .as("input before a counted prediction of %s", plan)
                                    .isGreaterThanOrEqualTo(window.start() == 0 ? 0 : length - stride);
                        }
                    }
                    int[] once = new int[tokens];
                    Arrays.fill(once, 1, tokens, 1);
                    assertThat(counted).as("%s", plan).isEqualTo(once);
                    assertThat(plan.inputs())
                            .as("%s", plan)
                            .isEqualTo(windows(plan).stream()
                                    .mapToLong(WindowPlan.Window::inputs)
                                    .sum());
                }
            }
        }
    }

    @Test
    void batchesHoldAllWindowsInOrderAndOneLengthEach() {
        for (int tokens : new int[] {2, 5, 9, 17, 33, 34}) {
            for (int length : new int[] {1, 3, 8, 50}) {
                for (int stride : new int[] {1, length}) {
                    for (int batchTokens : new int[] {1, 8, 20, 1000}) {
                        WindowPlan plan = new WindowPlan(tokens, length, stride);
                        List<WindowPlan.Window> batched = new ArrayList<>();
                        for (long i = 0; i < plan.batches(batchTokens); i++) {
                            List<WindowPlan.Window> batch = List.of(plan.batch(i, batchTokens));
                            assertThat(batch)
                                    .extracting(WindowPlan.Window::inputs)
                                    .containsOnly(batch.get(0).inputs());
                            assertThat(batch.size() == 1 || batch.size() * length <= batchTokens)
                                    .isTrue();
                            batched.addAll(batch);
                        }
                        assertThat(batched)
                                .as("%s, batches of %d", plan, batchTokens)
                                .isEqualTo(windows(plan));
                    }
                }
            }
        }
    }

    @Test
    void protocolsAreWhatTheyAreCalled() {
        WindowPlan nonOverlapping = WindowPlan.of(Protocol.NON_OVERLAPPING, 10, 4, 2);
        assertThat(windows(nonOverlapping))
                .containsExactly(
                        new WindowPlan.Window(0, 4, 4), new WindowPlan.Window(4, 4, 4), new WindowPlan.Window(8, 1, 1));
        WindowPlan sliding = WindowPlan.of(Protocol.SLIDING, 10, 4, 2);
        assertThat(windows(sliding))
                .containsExactly(
                        new WindowPlan.Window(0, 4, 4),
                        new WindowPlan.Window(2, 4, 2),
                        new WindowPlan.Window(4, 4, 2),
                        new WindowPlan.Window(6, 3, 1));
        assertThat(WindowPlan.of(Protocol.SLIDING, 10, 4, 4)).isEqualTo(nonOverlapping);
    }

    @Test
    void aStreamMayBeShorterThanTheWindow() {
        WindowPlan plan = new WindowPlan(5, 1000, 10);
        assertThat(windows(plan)).containsExactly(new WindowPlan.Window(0, 4, 4));
        assertThat(plan.batches(16)).isEqualTo(1);
    }

    @Test
    void aStreamLongerThanAnIntIsCounted() {
        WindowPlan plan = new WindowPlan(10_000_000_001L, 1000, 1000);
        assertThat(plan.windows()).isEqualTo(10_000_000);
        assertThat(plan.window(9_999_999)).isEqualTo(new WindowPlan.Window(9_999_999_000L, 1000, 1000));
        assertThat(plan.inputs()).isEqualTo(10_000_000_000L);
    }

    @Test
    void whatCannotBeEvaluatedIsRefused() {
        assertThatThrownBy(() -> new WindowPlan(1, 8, 8))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("at least 2 tokens, found 1");
        assertThatThrownBy(() -> new WindowPlan(10, 8, 9))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("from 1 to the length 8, found 9");
        assertThatThrownBy(() -> new WindowPlan(10, 8, 0))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("found 0");
        assertThatThrownBy(() -> new WindowPlan(10, 0, 0))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("length of at least 1, found 0");
    }
}

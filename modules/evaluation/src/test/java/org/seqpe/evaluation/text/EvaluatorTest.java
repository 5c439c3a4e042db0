package org.seqpe.evaluation.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.evaluation.Intervals;

class EvaluatorTest {
    /** Losses are floats, so their sums carry a relative error of up to 2^-24 each. */
    private static final double FLOAT = 1e-7;

    private static LossSums measure(
            TokenScorer scorer, EvaluationTokens tokens, int length, int stride, int batchTokens) {
        return new Evaluator(scorer, tokens, new WindowPlan(tokens.tokens(), length, stride), batchTokens)
                .run(inputs -> {});
    }

    @Test
    void aUniformModelHasThePerplexityOfItsVocabulary() {
        TokenScorer uniform = new FunctionScorer((window, i) -> Math.log(61));
        for (int length : new int[] {1, 7, 64, 1000}) {
            for (int stride : new int[] {1, length}) {
                LossSums sums = measure(uniform, ArrayTokens.counting(301), length, stride, 128);
                assertThat(sums.tokens()).isEqualTo(300);
                assertThat(Math.exp(sums.nll() / sums.tokens())).isCloseTo(61, within(61 * 5 * FLOAT));
            }
        }
    }

    @Test
    void aBigramModelGivesWhatItsCountsSay() {
        // Of "a b a b b a" the bigrams are ab, ba, ab, bb, ba: p(b|a) = 2/2, p(a|b) = 2/3, p(b|b) = 1/3.
        int[] text = {0, 1, 0, 1, 1, 0};
        double[][] probability = {{0, 1}, {2 / 3.0, 1 / 3.0}};
        TokenScorer bigram = new FunctionScorer((window, i) -> -Math.log(probability[window[i]][window[i + 1]]));
        for (int length = 1; length <= 6; length++) {
            for (int stride = 1; stride <= length; stride++) {
                LossSums sums = measure(bigram, ArrayTokens.of(text), length, stride, 4);
                // A bigram model needs one token of context, which every window gives: 1 * 2/3 * 1 * 1/3 * 2/3 = 4/27.
                assertThat(Math.exp(-sums.nll()))
                        .as("length %d, stride %d", length, stride)
                        .isCloseTo(4 / 27.0, within(FLOAT));
                assertThat(sums.tokens()).isEqualTo(5);
            }
        }
    }

    @Test
    void overlapGivesTheContextThatItPromises() {
        // The loss is 1 / (tokens seen); 9 predictions. Windows of 4: 1 + 1/2 + 1/3 + 1/4, twice, and 1 for the last
        // one.
        TokenScorer contextual = new FunctionScorer((window, i) -> 1.0 / (i + 1));
        EvaluationTokens tokens = ArrayTokens.counting(10);
        assertThat(measure(contextual, tokens, 4, 4, 8).nll()).isCloseTo(2 * (25 / 12.0) + 1, within(10 * FLOAT));
        // Stride 1: only the first window has predictions with less than 4 tokens of context.
        assertThat(measure(contextual, tokens, 4, 1, 8).nll()).isCloseTo(25 / 12.0 + 5 / 4.0, within(10 * FLOAT));
        // Stride 3: windows at 0, 3, 6 with 4, 4, 3 inputs; the later ones count from their second prediction on.
        assertThat(measure(contextual, tokens, 4, 3, 8).nll())
                .isCloseTo(25 / 12.0 + (13 / 12.0) + (5 / 6.0), within(10 * FLOAT));
    }

    @Test
    void everyWindowHoldsTheTokensOfItsPlaceInTheStream() {
        TokenScorer checking = new FunctionScorer((window, i) -> {
            assertThat(window[i + 1]).isEqualTo(window[i] + 1);
            return window[i + 1];
        });
        // Token k costs k, so every token once costs 1 + ... + 99, exactly representable.
        for (int stride : new int[] {1, 5, 16}) {
            assertThat(measure(checking, ArrayTokens.counting(100), 16, stride, 50)
                            .nll())
                    .isEqualTo(99 * 100 / 2);
        }
    }

    @Test
    void batchesMergedInOrderGiveTheSameBitsWhoeverComputesThem() {
        TokenScorer scorer = new FunctionScorer((window, i) -> Math.abs(Math.sin(window[i + 1])) + 0.1 / (i + 1));
        EvaluationTokens tokens = ArrayTokens.counting(1000);
        WindowPlan plan = new WindowPlan(1000, 64, 16);
        Evaluator evaluator = new Evaluator(scorer, tokens, plan, 256);
        List<float[]> backwards = new ArrayList<>();
        for (long i = plan.batches(256) - 1; i >= 0; i--) {
            backwards.add(0, evaluator.losses(i));
        }
        LossSums merged = new LossSums();
        for (int i = 0; i < backwards.size(); i++) {
            merged.merge(Evaluator.sums(plan.batch(i, 256), backwards.get(i)));
        }
        LossSums whole = evaluator.run(inputs -> {});
        assertThat(merged.nll()).isEqualTo(whole.nll());
        assertThat(Intervals.meanLoss(merged.windows())).isPresent().isEqualTo(Intervals.meanLoss(whole.windows()));
        assertThat(PositionLoss.of(merged)).isEqualTo(PositionLoss.of(whole));
    }

    @Test
    void progressAddsUpToTheInputsOfThePlan() {
        WindowPlan plan = new WindowPlan(100, 8, 3);
        long[] scored = {0};
        new Evaluator(new FunctionScorer((window, i) -> 1), ArrayTokens.counting(100), plan, 32)
                .run(inputs -> scored[0] += inputs);
        assertThat(scored[0]).isEqualTo(plan.inputs());
    }

    @Test
    void aLongStreamIsReadOneWindowAtATime() {
        long tokens = 2_000_001;
        int[] longestRead = {0};
        EvaluationTokens stream = new EvaluationTokens() {
            @Override
            public long tokens() {
                return tokens;
            }

            @Override
            public void read(long position, int[] target, int offset, int count) {
                longestRead[0] = Math.max(longestRead[0], count);
                for (int i = 0; i < count; i++) {
                    target[offset + i] = (int) ((position + i) % 7);
                }
            }

            @Override
            public TextCounts counts() {
                return TextCounts.ZERO;
            }

            @Override
            public long spaceTokens() {
                return 0;
            }
        };
        assertThat(measure(new FunctionScorer((window, i) -> 0.5), stream, 512, 512, 4096)
                        .nll())
                .isEqualTo(1_000_000);
        assertThat(longestRead[0]).isEqualTo(513);
    }

    @Test
    void aLossThatIsNoNumberNamesItsToken() {
        EvaluationTokens tokens = ArrayTokens.counting(100);
        TokenScorer broken = new FunctionScorer((window, i) -> window[i + 1] == 37 ? Double.NaN : 1);
        assertThatThrownBy(() -> measure(broken, tokens, 10, 10, 100))
                .isInstanceOf(NonFiniteLossException.class)
                .hasMessageContaining("token 37 is NaN (position 7 of the window at token 30)");
        // A context token's loss is not counted again, so it does no harm there.
        TokenScorer brokenInContext =
                new FunctionScorer((window, i) -> i < 5 && window[0] > 0 ? Double.POSITIVE_INFINITY : 1);
        assertThat(measure(brokenInContext, tokens, 10, 5, 100).nll()).isEqualTo(99);
    }

    @Test
    void aScorerThatAnswersInTheWrongShapeIsNotSummed() {
        TokenScorer tooFew = new ForwardingScorer(windows -> new float[windows.length][windows[0].length - 2]);
        assertThatThrownBy(() -> measure(tooFew, ArrayTokens.counting(20), 5, 5, 10))
                .hasMessageContaining("expected 5 of the window at token 0, found 4");
    }

    private record ForwardingScorer(Function<int[][], float[][]> losses) implements TokenScorer {
        @Override
        public float[][] score(int[][] windows, int length) {
            return losses.apply(windows);
        }

        @Override
        public Optional<String> refusal(int length) {
            return Optional.empty();
        }

        @Override
        public int trainingLength() {
            return 5;
        }

        @Override
        public String encoding() {
            return "none";
        }
    }
}

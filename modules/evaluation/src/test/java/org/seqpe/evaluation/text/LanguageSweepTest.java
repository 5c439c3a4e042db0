package org.seqpe.evaluation.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.evaluation.Interval;
import org.seqpe.evaluation.Intervals;
import org.seqpe.evaluation.RatioSums;
import org.seqpe.evaluation.SweepRow.Status;

class LanguageSweepTest {
    private static final TextCounts COUNTS = new TextCounts(20, 120, 110);
    private static final TokenScorer UNIFORM = new FunctionScorer((window, i) -> Math.log(16));

    private static EvaluationConfig config(int stride, Integer... lengths) {
        return new EvaluationConfig(
                "test",
                List.of(lengths),
                List.of(Protocol.NON_OVERLAPPING, Protocol.SLIDING),
                stride,
                0,
                64,
                List.of("224"),
                0.875,
                0,
                64,
                0,
                16,
                EvaluationConfig.Place.SAME);
    }

    private static LanguageRun run(String name, TokenScorer scorer) {
        return new LanguageRun(
                name, new ArrayTokens(COUNTS, 25, ArrayTokens.counting(101).ids()), () -> scorer);
    }

    private static List<LanguageRow> sweep(EvaluationConfig config, LanguageRun... runs) {
        return new LanguageSweep(config, Progress.none(), row -> {}).run(List.of(runs));
    }

    @Test
    void measuresUseTheirOwnDenominators() {
        LanguageRow row = sweep(config(4, 8), run("uniform", UNIFORM)).get(0);
        // 100 predictions of 4 bits.
        assertThat(row.tokens()).isEqualTo(100);
        assertThat(row.nll()).isCloseTo(400 * Math.log(2), within(1e-4));
        assertThat(row.perplexity().value()).isCloseTo(16, within(1e-5));
        assertThat(row.wordPerplexity().value()).isCloseTo(Math.pow(2, 20), within(10.0));
        assertThat(row.spaceTokenPerplexity().value()).isCloseTo(Math.pow(2, 16), within(0.5));
        assertThat(row.bitsPerByte().value()).isCloseTo(400 / 120.0, within(1e-6));
        assertThat(row.bitsPerCharacter().value()).isCloseTo(400 / 110.0, within(1e-6));
        assertThat(row.tokensPerSecond()).isPositive();
        assertThat(row.encoding()).isEqualTo("test");
        assertThat(row.trainingLength()).isEqualTo(4);
    }

    @Test
    void intervalsComeFromTheWindowsByTheTokensThatCountInThem() {
        // 100 predictions; windows of 8 count 8, then 4 each, and their losses differ from window to window.
        TokenScorer uneven = new FunctionScorer((window, i) -> 2 + Math.sin(window[0]) + 0.01 * i);
        List<LanguageRow> rows = sweep(config(4, 8), run("r", uneven));
        for (LanguageRow row : rows) {
            WindowPlan plan = WindowPlan.of(row.protocol(), 101, 8, 4);
            RatioSums windows = new RatioSums();
            for (long w = 0; w < plan.windows(); w++) {
                WindowPlan.Window window = plan.window(w);
                double loss = 0;
                for (int i = window.inputs() - window.counted(); i < window.inputs(); i++) {
                    loss += (float) (2 + Math.sin(window.start()) + 0.01 * i);
                }
                windows.add(loss, window.counted());
            }
            assertThat(windows.units()).isEqualTo(row.protocol() == Protocol.SLIDING ? 24 : 13);
            assertThat(windows.size()).isEqualTo(100);
            Interval loss = Intervals.meanLoss(windows).orElseThrow();
            Interval perplexity = row.perplexity().interval();
            assertThat(perplexity.low()).isCloseTo(Math.exp(loss.low()), within(1e-9));
            assertThat(perplexity.high()).isCloseTo(Math.exp(loss.high()), within(1e-9));
            // 20 words and 120 bytes.
            assertThat(row.wordPerplexity().interval().high())
                    .isCloseTo(Math.exp(loss.high() * 5), withinPercentage(1e-9));
            assertThat(row.bitsPerByte().interval().low())
                    .isCloseTo(loss.low() * 100 / (Math.log(2) * 120), within(1e-9));
            assertThat(perplexity.high() - perplexity.low()).isGreaterThan(0.1);
        }
    }

    @Test
    void oneWindowHasNoInterval() {
        LanguageRow row = sweep(config(4, 100), run("r", UNIFORM)).get(0);
        assertThat(row.perplexity().interval()).isNull();
        assertThat(row.bitsPerByte().interval()).isNull();
    }

    @Test
    void measuresWithoutADenominatorAreEmpty() {
        LanguageRow row = sweep(config(4, 8), new LanguageRun("bytes", ArrayTokens.counting(10), () -> UNIFORM))
                .get(0);
        assertThat(row.perplexity().value()).isCloseTo(16, within(1e-5));
        assertThat(row.wordPerplexity()).isNull();
        assertThat(row.bitsPerByte()).isNull();
        assertThat(row.status()).isEqualTo(Status.OK);
    }

    @Test
    void rowsComeByRunLengthAndProtocol() {
        List<LanguageRow> rows = sweep(config(4, 8, 4), run("b", UNIFORM), run("a", UNIFORM));
        assertThat(rows)
                .extracting(row -> row.run() + row.length() + row.protocol())
                .containsExactly(
                        "b8NON_OVERLAPPING",
                        "b8SLIDING",
                        "b4NON_OVERLAPPING",
                        "b4SLIDING",
                        "a8NON_OVERLAPPING",
                        "a8SLIDING",
                        "a4NON_OVERLAPPING",
                        "a4SLIDING");
        assertThat(rows).extracting(LanguageRow::stride).containsExactly(8, 4, 4, 4, 8, 4, 4, 4);
    }

    @Test
    void windowsThatLieTheSameWayAreMeasuredOnce() {
        int[] calls = {0};
        TokenScorer counting = new FunctionScorer((window, i) -> {
            calls[0]++;
            return 1;
        });
        List<LanguageRow> rows = sweep(config(8, 8), run("r", counting));
        assertThat(calls[0]).isEqualTo(100);
        assertThat(rows.get(1)).isEqualTo(rows.get(0).as(Protocol.SLIDING));
    }

    @Test
    void aLengthThatDoesNotFitIsARowThatSaysSo() {
        TokenScorer bounded = new FunctionScorer(
                "seqpe", 4, (window, i) -> 1, length -> length > 8 ? "SeqPE positions end at 8" : null);
        List<LanguageRow> rows = sweep(config(4, 8, 16, 4), run("r", bounded));
        assertThat(rows)
                .extracting(LanguageRow::status)
                .containsExactly(Status.OK, Status.OK, Status.REFUSED, Status.REFUSED, Status.OK, Status.OK);
        assertThat(rows.get(2)).satisfies(row -> {
            assertThat(row.message()).isEqualTo("SeqPE positions end at 8");
            assertThat(row.length()).isEqualTo(16);
            assertThat(row.encoding()).isEqualTo("seqpe");
            assertThat(row.perplexity()).isNull();
        });
    }

    @Test
    void aLengthThatFailsDoesNotStopTheOthers() {
        TokenScorer fragile = new FunctionScorer((window, i) -> {
            if (window.length == 17) {
                throw new OutOfMemoryError("Cannot allocate 17 GiB");
            }
            if (window.length == 33) {
                throw new IllegalStateException("kernel failed");
            }
            return window.length == 65 ? Double.NaN : 1;
        });
        List<LanguageRow> rows = new LanguageSweep(
                        new EvaluationConfig(
                                "test",
                                List.of(16, 32, 64, 8),
                                List.of(Protocol.NON_OVERLAPPING),
                                4,
                                0,
                                64,
                                List.of("224"),
                                0.875,
                                0,
                                64,
                                0,
                                16,
                                EvaluationConfig.Place.SAME),
                        Progress.none(),
                        row -> {})
                .run(List.of(run("r", fragile)));
        assertThat(rows)
                .extracting(LanguageRow::status)
                .containsExactly(Status.FAILED, Status.FAILED, Status.FAILED, Status.OK);
        assertThat(rows.get(0).message()).contains("out of memory: Cannot allocate 17 GiB", "evaluation.batch-tokens");
        assertThat(rows.get(1).message()).isEqualTo("kernel failed");
        assertThat(rows.get(2).message()).contains("token 1 is NaN");
        assertThat(rows.get(2).nll()).isNull();
    }

    @Test
    void aRunThatDoesNotOpenDoesNotStopTheOthers() {
        LanguageRun missing = new LanguageRun("gone", ArrayTokens.counting(101), () -> {
            throw new UserException("Cannot open run gone: no checkpoint");
        });
        List<LanguageRow> rows = sweep(config(4, 8), missing, run("r", UNIFORM));
        assertThat(rows)
                .extracting(LanguageRow::status)
                .containsExactly(Status.FAILED, Status.FAILED, Status.OK, Status.OK);
        assertThat(rows.get(0).message()).isEqualTo("Cannot open run gone: no checkpoint");
    }

    @Test
    void aPerplexityTooLargeForANumberIsSaidInWords() {
        LanguageRow row = sweep(config(8, 8), run("r", new FunctionScorer((window, i) -> 800)))
                .get(0);
        assertThat(row.status()).isEqualTo(Status.OK);
        assertThat(row.nll()).isEqualTo(80_000);
        assertThat(row.perplexity()).isNull();
        assertThat(row.bitsPerByte().value()).isCloseTo(80_000 / Math.log(2) / 120, within(1e-6));
        assertThat(row.message()).contains("the perplexity exp(800.0) is too large");
    }

    @Test
    void aStreamShorterThanAWindowIsMeasuredAndSaidSo() {
        List<LanguageRow> rows = sweep(config(4, 64, 128), run("r", UNIFORM));
        assertThat(rows.get(0).message()).isEmpty();
        assertThat(rows.get(2).tokens()).isEqualTo(100);
        assertThat(rows.get(2).message()).contains("only 101 tokens");
    }

    @Test
    void progressReachesItsTotalEvenWhereNothingIsScored() {
        TokenScorer bounded = new FunctionScorer(
                "x", 4, (window, i) -> window.length == 9 ? Double.NaN : 1, length -> length > 8 ? "too long" : null);
        List<LanguageRow> heard = new ArrayList<>();
        long[] done = {0, 0};
        Progress progress = new Progress() {
            @Override
            public void start(String label, long total) {
                done[1] = total;
            }

            @Override
            public void advance(long units, String message) {
                done[0] += units;
            }

            @Override
            public void close() {}
        };
        LanguageRun missing = new LanguageRun("gone", ArrayTokens.counting(30), () -> {
            throw new IllegalStateException("gone");
        });
        List<LanguageRow> rows =
                new LanguageSweep(config(4, 4, 8, 16), progress, heard::add).run(List.of(run("r", bounded), missing));
        assertThat(heard).isEqualTo(rows);
        assertThat(done[1]).isPositive().isEqualTo(done[0]);
    }

    @Test
    void whatNoRunCanUseIsRefusedBeforeAnythingIsMeasured() {
        LanguageRun never = new LanguageRun("r", ArrayTokens.counting(1), () -> {
            throw new AssertionError("opened");
        });
        assertThatThrownBy(() -> sweep(config(4, 8), never))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("at least 2 tokens");
    }

    @Test
    void modelsAreClosedOneAfterTheOther() {
        List<String> events = new ArrayList<>();
        List<LanguageRun> runs = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            runs.add(new LanguageRun(name, ArrayTokens.counting(20), () -> {
                events.add("open " + name);
                return new ClosingScorer(() -> events.add("close " + name));
            }));
        }
        new LanguageSweep(config(4, 8), Progress.none(), row -> {}).run(runs);
        assertThat(events).containsExactly("open a", "close a", "open b", "close b");
    }

    private record ClosingScorer(Runnable closed) implements TokenScorer {
        @Override
        public float[][] score(int[][] windows, int length) {
            return UNIFORM.score(windows, length);
        }

        @Override
        public Optional<String> refusal(int length) {
            return Optional.empty();
        }

        @Override
        public int trainingLength() {
            return 4;
        }

        @Override
        public String encoding() {
            return "none";
        }

        @Override
        public void close() {
            closed.run();
        }
    }
}

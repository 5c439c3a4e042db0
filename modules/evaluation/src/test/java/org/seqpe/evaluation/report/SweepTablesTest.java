package org.seqpe.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Interval;
import org.seqpe.evaluation.Measurement;
import org.seqpe.evaluation.Numbers;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.text.ArrayTokens;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.evaluation.text.LanguageRow.Subject;
import org.seqpe.evaluation.text.LanguageView;
import org.seqpe.evaluation.text.LossSums;
import org.seqpe.evaluation.text.WindowPlan;

class SweepTablesTest {
    private static final SweepTables<LanguageRow> TABLES = new SweepTables<>(new LanguageView());

    private static LanguageRow row(String run, int length, double lossOfEach) {
        LossSums sums = new LossSums();
        WindowPlan plan = new WindowPlan(1000, length, length);
        sums.add(new WindowPlan.Window(0, 2, 2), new float[] {(float) lossOfEach, (float) lossOfEach}, 0);
        return LanguageRow.measured(
                new Subject(run, "rope", Protocol.NON_OVERLAPPING, plan, 128),
                new Measurement<>(sums, 0.5, OptionalLong.of(300 << 20)),
                new ArrayTokens(new TextCounts(2, 8, 4), 1));
    }

    private static LanguageRow refused(String run, int length) {
        return LanguageRow.without(
                new Subject(run, "seqpe", Protocol.NON_OVERLAPPING, new WindowPlan(3, length, length), 64),
                Status.REFUSED,
                "positions | end");
    }

    private static final List<LanguageRow> ROWS =
            List.of(row("rope_a", 128, 3), row("rope_a", 256, 20), row("seqpe", 128, 2), refused("seqpe", 256));

    @Test
    void thePivotTableAlignsRunsAndLengths() {
        assertThat(TABLES.pivot(ROWS, "non-overlapping").toText())
                .isEqualTo(
                        """
            run     encoding  trained at    128       256
            ------  --------  ----------  -----  --------
            rope_a  rope             128  20.09  4.85e+08
            seqpe   rope             128   7.39   refused
            """);
        assertThat(TABLES.pivot(ROWS, "sliding").rows()).isEmpty();
    }

    @Test
    void markdownEscapesWhatItWouldReadAsMarkupAndMarksTheBest() {
        assertThat(TABLES.pivot(ROWS, "non-overlapping").toMarkdown())
                .isEqualTo(
                        """
            | run     | encoding | trained at |      128 |      256 |
            | ------- | -------- | ---------: | -------: | -------: |
            | rope\\_a | rope     |        128 |    20.09 | 4.85e+08 |
            | seqpe   | rope     |        128 | **7.39** |  refused |
            """);
        assertThat(TABLES.toMarkdown(ROWS, 3))
                .contains("### Perplexity, non-overlapping windows\n", "positions \\| end");
    }

    @Test
    void theDetailTableShowsEveryMeasure() {
        List<String> lines = TABLES.detail(ROWS).toText().lines().toList();
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0).split(" {2,}"))
                .containsExactly(
                        "run",
                        "encoding",
                        "protocol",
                        "length",
                        "stride",
                        "tokens",
                        "nll/token",
                        "perplexity",
                        "word ppl",
                        "space-token ppl",
                        "bits/byte",
                        "bits/char",
                        "tokens/s",
                        "peak MiB",
                        "status",
                        "message");
        // 2 tokens at 3 nats; 2 words, 1 token with a space, 8 bytes, 4 characters, in half a second: exp(3), exp(6), 6
        // / (8 ln 2), 6 / (4 ln 2).
        assertThat(lines.get(2).split(" {2,}"))
                .containsExactly(
                        "rope_a",
                        "rope",
                        "non-overlapping",
                        "128",
                        "128",
                        "2",
                        "3.0000",
                        "20.09",
                        "20.09",
                        "403.43",
                        "1.0820",
                        "2.1640",
                        "4",
                        "300",
                        "ok");
        assertThat(lines.get(5)).endsWith("refused  positions | end");
    }

    @Test
    void intervalsStandUnderTheirValuesOrBehindThem() {
        LossSums sums = new LossSums();
        WindowPlan plan = new WindowPlan(1000, 128, 128);
        for (int i = 0; i < 8; i++) {
            float loss = 3 + 0.01f * (i % 2);
            sums.add(new WindowPlan.Window(128 * i, 2, 2), new float[] {loss, loss}, 0);
        }
        LanguageRow measured = LanguageRow.measured(
                new Subject("alibi", "alibi", Protocol.NON_OVERLAPPING, plan, 128),
                new Measurement<>(sums, 0.5, OptionalLong.empty()),
                ArrayTokens.counting(1000));
        List<LanguageRow> rows = List.of(row("rope", 128, 3), measured);
        // Standard error sqrt(8/7 * 8 * 0.01^2) / 16, t 2.364624.
        assertThat(TABLES.pivot(rows, "non-overlapping").toText())
                .isEqualTo(
                        """
            run    encoding  trained at    128
            -----  --------  ----------  -----
            rope   rope             128  20.09
            alibi  alibi            128  20.19
                                         ±0.09
            """);
        assertThat(TABLES.pivot(rows, "non-overlapping").toMarkdown())
                .contains("|   **20.09** |\n", "| 20.19 ±0.09 |\n");
    }

    @Test
    void anIntervalThatIsNotSymmetricShowsBothEnds() {
        assertThat(Numbers.margin(new Estimate(20, new Interval(12, 30)), value -> Numbers.fixed(value, 1)))
                .isEqualTo("[12.0, 30.0]");
        assertThat(Numbers.margin(new Estimate(1, new Interval(0.999, 1)), value -> Numbers.fixed(value, 4)))
                .isEqualTo("[0.9990, 1.0000]");
        assertThat(Numbers.margin(new Estimate(1, new Interval(0.999, 1)), value -> Numbers.fixed(value, 1)))
                .isEqualTo("±0.0");
        assertThat(Numbers.margin(new Estimate(20, null), value -> Numbers.fixed(value, 1)))
                .isEmpty();
    }

    @Test
    void aRunThatCouldNotBeOpenedHasALine() {
        LanguageRow unopened = LanguageRow.without(
                new Subject("gone", null, Protocol.SLIDING, new WindowPlan(3, 8, 4), null),
                Status.FAILED,
                "no\ncheckpoint");
        assertThat(TABLES.toText(List.of(unopened)))
                .contains("sliding windows, stride 4", "gone  -", "failed", "no checkpoint");
    }
}

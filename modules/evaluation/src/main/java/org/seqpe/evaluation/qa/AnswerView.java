package org.seqpe.evaluation.qa;

import static org.seqpe.evaluation.Numbers.fixed;
import static org.seqpe.evaluation.Numbers.mebibytes;
import static org.seqpe.evaluation.Numbers.text;

import java.util.List;
import java.util.function.Function;
import org.seqpe.core.io.Resources;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.SweepView;

/** Runs that answer questions, by exact match over lengths. Shares are shown in percent. */
public final class AnswerView implements SweepView<AnswerRow> {
    private static final Function<AnswerRow, Estimate> EXACT_MATCH = row -> percent(row.exactMatch());
    private static final Function<AnswerRow, Estimate> SQUAD_EXACT_MATCH = row -> percent(row.squadExactMatch());
    private static final Function<AnswerRow, Estimate> SQUAD_F1 = row -> percent(row.squadF1());
    private static final Function<Double, String> OF_PERCENT = value -> fixed(value, 1);
    private static final Function<Double, String> OF_PERPLEXITY = value -> fixed(value, 3);

    private static final List<Measure<AnswerRow>> MEASURES = List.of(
            new Measure<>("exactMatch", "Exact match in %", false, EXACT_MATCH, OF_PERCENT, 100.0),
            new Measure<>("squadF1", "SQuAD F1 in %", false, SQUAD_F1, OF_PERCENT, 100.0),
            new Measure<>("perplexity", "Perplexity of the answers", true, AnswerRow::perplexity, OF_PERPLEXITY));

    private static final List<Detail<AnswerRow>> DETAILS = List.of(
            new Detail<>("length", true, row -> text(row.length())),
            new Detail<>("questions", true, row -> text(row.questions())),
            Detail.of("exact match %", EXACT_MATCH, OF_PERCENT),
            Detail.of("SQuAD exact match %", SQUAD_EXACT_MATCH, OF_PERCENT),
            Detail.of("SQuAD F1 %", SQUAD_F1, OF_PERCENT),
            Detail.of("perplexity", AnswerRow::perplexity, OF_PERPLEXITY),
            new Detail<>("answer tokens", true, row -> text(row.tokens())),
            new Detail<>("questions/s", true, row -> fixed(row.questionsPerSecond(), 2)),
            new Detail<>("peak MiB", true, row -> mebibytes(row.peakMemoryBytes())));

    private static Estimate percent(Estimate share) {
        return share == null ? null : share.map(value -> 100 * value);
    }

    @Override
    public Class<AnswerRow> rows() {
        return AnswerRow.class;
    }

    @Override
    public Axis axis() {
        return new Axis("length", "Length in tokens");
    }

    @Override
    public List<Measure<AnswerRow>> measures() {
        return MEASURES;
    }

    @Override
    public List<Detail<AnswerRow>> details() {
        return DETAILS;
    }

    @Override
    public String title(String series, List<AnswerRow> rows) {
        return "greedy answers";
    }

    @Override
    public String lossUnit() {
        return "nats per token of an answer";
    }

    @Override
    public String definitions() {
        return Resources.text(AnswerView.class, "definitions.html");
    }
}

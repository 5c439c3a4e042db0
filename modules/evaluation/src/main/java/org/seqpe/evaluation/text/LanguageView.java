package org.seqpe.evaluation.text;

import static org.seqpe.evaluation.Numbers.fixed;
import static org.seqpe.evaluation.Numbers.mebibytes;
import static org.seqpe.evaluation.Numbers.text;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.seqpe.core.io.Resources;
import org.seqpe.evaluation.SweepView;

/** Language models by perplexity over window lengths. */
public final class LanguageView implements SweepView<LanguageRow> {
    private static final List<Measure<LanguageRow>> MEASURES = List.of(
            new Measure<>("perplexity", "Perplexity", true, LanguageRow::perplexity, LanguageView::perplexity),
            new Measure<>("bitsPerByte", "Bits per byte", true, LanguageRow::bitsPerByte, value -> fixed(value, 4)));

    private static final List<Detail<LanguageRow>> DETAILS = List.of(
            new Detail<>("protocol", false, LanguageRow::series),
            new Detail<>("length", true, row -> text(row.length())),
            new Detail<>("stride", true, row -> text(row.stride())),
            new Detail<>("tokens", true, row -> text(row.tokens())),
            new Detail<>(
                    "nll/token",
                    true,
                    row -> fixed(row.tokens() == null ? null : (Double) (row.nll() / row.tokens()), 4)),
            Detail.of("perplexity", LanguageRow::perplexity, LanguageView::perplexity),
            Detail.of("word ppl", LanguageRow::wordPerplexity, LanguageView::perplexity),
            Detail.of("space-token ppl", LanguageRow::spaceTokenPerplexity, LanguageView::perplexity),
            Detail.of("bits/byte", LanguageRow::bitsPerByte, value -> fixed(value, 4)),
            Detail.of("bits/char", LanguageRow::bitsPerCharacter, value -> fixed(value, 4)),
            new Detail<>("tokens/s", true, row -> fixed(row.tokensPerSecond(), 0)),
            new Detail<>("peak MiB", true, row -> mebibytes(row.peakMemoryBytes())));

    @Override
    public Class<LanguageRow> rows() {
        return LanguageRow.class;
    }

    @Override
    public Axis axis() {
        return new Axis("length", "Length in tokens");
    }

    @Override
    public List<Measure<LanguageRow>> measures() {
        return MEASURES;
    }

    @Override
    public List<Detail<LanguageRow>> details() {
        return DETAILS;
    }

    @Override
    public String title(String series, List<LanguageRow> rows) {
        return switch (Protocols.parse(series)) {
            case NON_OVERLAPPING -> "non-overlapping windows";
            case SLIDING -> "sliding windows, stride "
                    + rows.stream()
                            .map(row -> Integer.toString(row.stride()))
                            .distinct()
                            .collect(Collectors.joining(", "));
        };
    }

    @Override
    public String lossUnit() {
        return "nats per token";
    }

    @Override
    public String positions() {
        return "Mean loss of the tokens that are predicted from so many tokens of their window. A line that rises beyond"
                + " the training length shows a model that more context harms.";
    }

    @Override
    public String definitions() {
        return Resources.text(LanguageView.class, "definitions.html");
    }

    /**
     * Two decimals below a thousand, none below a million, then powers of ten: about as many digits as a perplexity is
     * good for.
     */
    private static String perplexity(Double value) {
        return value != null && value >= 1e6
                ? String.format(Locale.ROOT, "%.2e", value)
                : fixed(value, value != null && value < 1000 ? 2 : 0);
    }
}

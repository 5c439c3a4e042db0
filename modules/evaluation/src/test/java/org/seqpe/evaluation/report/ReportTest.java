package org.seqpe.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.text.ArrayTokens;
import org.seqpe.evaluation.text.FunctionScorer;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LanguageSweep;
import org.seqpe.evaluation.text.LanguageView;
import org.seqpe.evaluation.text.WindowPlan;

class ReportTest {
    private static final LanguageView VIEW = new LanguageView();
    private static final String HOSTILE = "</script><script>alert(1)</script><!-- \"&amp;' {{title}} \u2028";

    private static String page(ReportData<LanguageRow> data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report.write(data, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Parses as a browser does and insists that nothing had to be repaired. */
    private static Document wellFormed(String page) {
        Parser parser = Parser.htmlParser().setTrackErrors(20);
        Document document = parser.parseInput(page, "");
        assertThat(parser.getErrors()).isEmpty();
        return document;
    }

    private static JsonNode data(Document document) throws IOException {
        return new ObjectMapper().readTree(document.getElementById("data").data());
    }

    private static ReportData<LanguageRow> comparison() {
        return new ReportData<>(
                "Six encodings",
                VIEW,
                Samples.rows(true, 64, 128, 256, 512, 1024, 2048),
                List.of(Samples.curve("seqpe", 3.3), Samples.curve("rope", 3.4)),
                List.of(Samples.provenance("seqpe"), Samples.provenance("rope")));
    }

    @Test
    void thePageIsWellFormedAndLoadsNothing() throws IOException {
        String page = page(comparison());
        Document document = wellFormed(page);
        assertThat(document.select("[src], link, iframe, object, embed, base, form, [style]"))
                .isEmpty();
        assertThat(document.select("[href]")).allMatch(link -> link.attr("href").startsWith("#"));
        assertThat(document.select("style"))
                .noneMatch(
                        style -> style.data().contains("url(") || style.data().contains("@import"));
        assertThat(document.select("meta[http-equiv=Content-Security-Policy]").attr("content"))
                .startsWith("default-src 'none'");
        assertThat(page).doesNotContain("sourceMappingURL");
        // A sample to look at after a build.
        Files.writeString(Path.of("target", "report-comparison.html"), page);
    }

    @Test
    void everyLinkOfThePageLeadsSomewhere() throws IOException {
        Document document = wellFormed(page(comparison()));
        assertThat(document.select("a[href]"))
                .hasSize(6)
                .allMatch(link -> document.getElementById(link.attr("href").substring(1)) != null);
    }

    @Test
    void theDataBehindThePlotsIsThatOfTheRows() throws IOException {
        ReportData<LanguageRow> data = comparison();
        JsonNode charts = data(wellFormed(page(data)));
        assertThat(charts.get("runs"))
                .extracting(JsonNode::asText)
                .containsExactly("seqpe", "rope", "alibi", "sinusoidal", "learned", "none");
        // Six runs at six lengths by two protocols, but SeqPE's last length is refused.
        assertThat(charts.get("measured")).hasSize(70);
        JsonNode first = charts.get("measured").get(0);
        assertThat(first.get("values").get("perplexity").asDouble())
                .isEqualTo(data.rows().get(0).perplexity().value());
        assertThat(first.get("intervals").get("perplexity").get("high").asDouble())
                .isEqualTo(data.rows().get(0).perplexity().interval().high());
        assertThat(first.get("trainedAt").get("value").asInt()).isEqualTo(Samples.TRAINED);
        assertThat(charts.get("positions")).hasSize(70);
        assertThat(charts.get("training")).hasSize(2);
        assertThat(charts.get("training").get(0).get("points")).hasSizeLessThanOrEqualTo(1000);
    }

    @Test
    void refusedLengthsAreInTablesAndNotes() throws IOException {
        Document document = wellFormed(page(comparison()));
        assertThat(document.select("#length table").get(0).select("td.missing").eachText())
                .containsExactly("refused");
        assertThat(document.select("#length .note").eachText())
                .contains("seqpe at 2048: refused. SeqPE positions end at 1024");
        assertThat(document.select("#rows tbody tr")).hasSize(72);
    }

    @Test
    void whatComesFromDataStaysText() throws IOException {
        LanguageRow row = new LanguageSweep(
                        new EvaluationConfig(
                                "t",
                                List.of(4),
                                List.of(Protocol.SLIDING),
                                2,
                                0,
                                8,
                                List.of("224"),
                                0.875,
                                0,
                                64,
                                0,
                                16,
                                EvaluationConfig.Place.SAME),
                        Progress.none(),
                        other -> {})
                .run(List.of(new LanguageRun(
                        HOSTILE,
                        ArrayTokens.counting(9),
                        () -> new FunctionScorer(HOSTILE, 4, (window, i) -> 1, length -> null))))
                .get(0);
        LanguageRow refused = LanguageRow.without(
                new LanguageRow.Subject(HOSTILE, HOSTILE, row.protocol(), new WindowPlan(9, 8, 2), 4),
                SweepRow.Status.REFUSED,
                HOSTILE);
        Document document = wellFormed(page(new ReportData<>(
                HOSTILE,
                VIEW,
                List.of(row, refused),
                List.of(new TrainingCurve(HOSTILE, List.of(new TrainingCurve.Point(1, 1.0, null, null)))),
                List.of(new Provenance(HOSTILE, Map.of(HOSTILE, HOSTILE), HOSTILE)))));
        assertThat(document.select("script")).hasSize(3);
        assertThat(document.select("canvas").get(0).attr("aria-label"))
                .startsWith("Perplexity against length, Sliding windows");
        assertThat(document.title()).isEqualTo(HOSTILE.trim());
        assertThat(document.selectFirst("h1").wholeText()).isEqualTo(HOSTILE);
        assertThat(document.selectFirst("#provenance pre").wholeText()).isEqualTo(HOSTILE);
        assertThat(document.selectFirst("#rows td").wholeText()).isEqualTo(HOSTILE);
        assertThat(data(document).get("runs").get(0).asText()).isEqualTo(HOSTILE);
    }

    @Test
    void partsWithoutDataAreLeftOut() throws IOException {
        Document empty = wellFormed(page(new ReportData<>("Nothing yet", VIEW, List.of(), List.of(), List.of())));
        assertThat(empty.select("section").eachAttr("id")).containsExactly("definitions");
        String single = page(new ReportData<>(
                "One run, one length",
                VIEW,
                Samples.rows(false, 256),
                List.of(Samples.curve("seqpe", 3.3)),
                List.of()));
        assertThat(wellFormed(single).select("section").eachAttr("id"))
                .containsExactly("length", "position", "training", "rows", "definitions");
        Files.writeString(Path.of("target", "report-single.html"), single);
        String refused = page(new ReportData<>("All refused", VIEW, Samples.rows(false, 2048), List.of(), List.of()));
        assertThat(wellFormed(refused).select("section").eachAttr("id"))
                .containsExactly("length", "rows", "definitions");
        Files.writeString(Path.of("target", "report-refused.html"), refused);
    }

    @Test
    void everyPlotHasAPlaceForEachSeries() throws IOException {
        Document document = wellFormed(page(comparison()));
        assertThat(document.select("canvas[data-plot=perplexity]").stream()
                        .map((Element canvas) -> canvas.attr("data-series")))
                .containsExactly("non-overlapping", "sliding");
        assertThat(document.select("canvas").eachAttr("data-plot"))
                .containsExactly(
                        "perplexity", "bitsPerByte", "perplexity", "bitsPerByte", "positions", "loss", "learningRate");
    }
}

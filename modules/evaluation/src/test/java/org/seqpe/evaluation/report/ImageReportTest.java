package org.seqpe.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.config.Resolution;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.image.ColourScorer;
import org.seqpe.evaluation.image.ColouredPictures;
import org.seqpe.evaluation.image.ImageRow;
import org.seqpe.evaluation.image.ImageRun;
import org.seqpe.evaluation.image.ImageSweep;
import org.seqpe.evaluation.image.ImageView;

/** Tables, files and the page of a sweep over resolutions. */
class ImageReportTest {
    private static final SweepFiles<ImageRow> FILES = new SweepFiles<>(ImageRow.class);
    private static final String HOSTILE = "</td><script>alert(1)</script> \"&amp;' {{title}}";
    private static final int CLASSES = 40;
    private static final List<ImageRow> ROWS = measure();

    private static List<String> names() {
        List<String> names = new ArrayList<>(ColouredPictures.names(CLASSES));
        names.set(1, "American Staffordshire terrier");
        for (int i = 2; i < CLASSES; i += 9) {
            names.set(i, HOSTILE + i);
        }
        return names;
    }

    private static ImageRun run(String name, double fading, int last) {
        return new ImageRun(
                name,
                new ColouredPictures(2000, CLASSES),
                names(),
                () -> new ColourScorer(
                        name,
                        new Resolution(16, 16),
                        CLASSES,
                        fading,
                        size -> size.rows() > last ? "positions end at " + last : null));
    }

    private static List<ImageRow> measure() {
        EvaluationConfig config = new EvaluationConfig(
                "test",
                List.of(512),
                List.of(Protocol.SLIDING),
                256,
                0,
                4096,
                List.of("16", "20x24", "24x20", "32", "48"),
                0.875,
                0,
                64,
                0,
                16,
                EvaluationConfig.Place.SAME);
        return new ImageSweep(config, Progress.none(), row -> {})
                .run(List.of(run("seqpe", 0.05, 40), run("sinusoidal", 0.3, 1000)));
    }

    private static String page(List<ImageRow> rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report.write(new ReportData<>("Pictures", new ImageView(), rows, List.of(), List.of()), out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Document wellFormed(String page) {
        Parser parser = Parser.htmlParser().setTrackErrors(20);
        Document document = parser.parseInput(page, "");
        assertThat(parser.getErrors()).isEmpty();
        return document;
    }

    private static byte[] json(List<ImageRow> rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FILES.writeJson(rows, out);
        return out.toByteArray();
    }

    @Test
    void theHighestAccuracyIsMarked() {
        String table =
                new SweepTables<>(new ImageView()).pivot(ROWS, "centre-crop").toMarkdown();
        List<String> lines = table.lines().toList();
        assertThat(lines.get(0).split("[ |]+"))
                .containsExactly("", "run", "encoding", "trained", "at", "16", "20x24", "24x20", "32", "48");
        assertThat(lines.get(2))
                .contains("refused")
                .containsPattern("\\*\\*[0-9]{2}\\.[0-9]{2}\\*\\* ±[12]\\.[0-9]{2}");
        assertThat(lines.get(3)).doesNotContain("refused");
        assertThat(new SweepTables<>(new ImageView()).toText(ROWS)).contains("Top-1 accuracy in %, centre crops:");
    }

    @Test
    void csvHasTheColumnsOfImages() throws IOException {
        ByteArrayOutputStream csv = new ByteArrayOutputStream();
        FILES.writeCsv(ROWS, csv);
        List<String> lines = csv.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.get(0))
                .isEqualTo(
                        "run,encoding,resolution,training_resolution,pictures,loss,loss_low,loss_high,"
                                + "top1,top1_low,top1_high,top5,top5_low,top5_high,images_per_second,peak_memory_bytes,status,message");
        assertThat(lines.get(2)).startsWith("seqpe,seqpe,20x24,16,2000,");
        assertThat(lines.get(5)).isEqualTo("seqpe,seqpe,48,16,,,,,,,,,,,,,refused,positions end at 40");
    }

    @Test
    void jsonGivesBackTheSameRowsAndTheSameBytes() throws IOException {
        byte[] written = json(ROWS);
        List<ImageRow> read = FILES.readJson(new ByteArrayInputStream(written), "sweep.json");
        assertThat(read).isEqualTo(ROWS);
        assertThat(json(read)).isEqualTo(written);
        String text = new String(written, StandardCharsets.UTF_8);
        for (String wrong : List.of("x24", "20x", "24x24", "0", "20x24x20", "99999999999")) {
            byte[] changed = text.replaceFirst("20x24", wrong).getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> FILES.readJson(new ByteArrayInputStream(changed), "x.json"))
                    .as(wrong)
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("no resolution");
        }
    }

    @Test
    void theReportSpeaksOfResolutionsAndNotOfText() throws IOException {
        String page = page(ROWS);
        Document document = wellFormed(page);
        assertThat(document.select("section").eachAttr("id"))
                .containsExactly("resolution", "confusion", "rows", "definitions");
        assertThat(document.selectFirst("#resolution h2").text()).isEqualTo("Top-1 accuracy in % against resolution");
        assertThat(document.select("#resolution canvas").eachAttr("data-plot")).containsExactly("top1", "top5", "loss");
        assertThat(document.select("#resolution .note").eachText())
                .containsExactly("seqpe at 48: refused. positions end at 40");
        assertThat(document.select("#resolution td .margin").first().text()).startsWith("±");
        assertThat(document.body().text()).doesNotContainIgnoringCase("token").doesNotContain("Perplexity");
        JsonNode charts =
                new ObjectMapper().readTree(document.getElementById("data").data());
        assertThat(charts.get("limits").get("top5").asDouble()).isEqualTo(100);
        assertThat(charts.get("limits").has("loss")).isFalse();
        JsonNode first = charts.get("measured").get(1);
        assertThat(first.get("at").get("text").asText()).isEqualTo("20x24");
        assertThat(first.get("at").get("value").asDouble()).isEqualTo(Math.sqrt(480));
        assertThat(first.get("trainedAt").get("text").asText()).isEqualTo("16");
        assertThat(first.get("intervals").get("top1").get("low").asDouble())
                .isEqualTo(100 * ROWS.get(1).top1().interval().low());
        // A sample to look at after a build.
        Files.writeString(Path.of("target", "report-images.html"), page);
    }

    @Test
    void theMostConfusedClassesAreThoseOfTheTrainingResolution() throws IOException {
        Document document = wellFormed(page(ROWS));
        assertThat(document.select("#confusion h3").eachText())
                .containsExactly("seqpe at resolution 16", "sinusoidal at resolution 16");
        assertThat(document.select("[style], script")).hasSize(3);
        var expected = ROWS.get(0).mostConfused();
        var table = document.select("#confusion table").first();
        assertThat(table.select("tbody tr")).hasSize(15);
        assertThat(table.select("tbody tr").first().select("td").get(0).wholeText())
                .isEqualTo(expected.pairs().get(0).truth());
        assertThat(table.select("tbody tr").first().select("td").get(2).text())
                .isEqualTo(Long.toString(expected.pairs().get(0).count()));
        var heat = document.select("#confusion table.heat").first();
        assertThat(heat.select("tbody th").stream().map(name -> name.wholeText()))
                .containsExactlyElementsOf(expected.classes())
                .anyMatch(name -> name.startsWith(HOSTILE));
        assertThat(heat.select("tbody td")).hasSize(144);
        assertThat(heat.select("td.right")).hasSize(12);
        assertThat(heat.select("td").get(1).attr("title")).contains(" predicted as ", " of 50");

        List<ImageRow> elsewhere =
                ROWS.stream().filter(row -> row.at().value() != 16).toList();
        assertThat(wellFormed(page(elsewhere)).select("#confusion h3").eachText())
                .containsExactly("seqpe at resolution 20x24", "sinusoidal at resolution 20x24");
    }

    @Test
    void theStoredSweepMakesTheSamePage() throws IOException {
        List<ImageRow> read = FILES.readJson(new ByteArrayInputStream(json(ROWS)), "sweep.json");
        assertThat(page(read)).isEqualTo(page(ROWS));
    }
}

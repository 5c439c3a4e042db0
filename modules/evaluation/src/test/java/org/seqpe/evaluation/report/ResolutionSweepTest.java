package org.seqpe.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.seqpe.evaluation.Numbers.fixed;
import static org.seqpe.evaluation.Numbers.text;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Interval;
import org.seqpe.evaluation.OpenRun;
import org.seqpe.evaluation.Sweep;
import org.seqpe.evaluation.SweepPoint;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepRun;
import org.seqpe.evaluation.SweepView;

/** A sweep of a task that has nothing of text: accuracy over resolutions, where the highest value is the best. */
class ResolutionSweepTest {
    private static final int TRAINED = 224;

    private record Resolution(int pixels) implements SweepPoint {
        @Override
        public String label() {
            return "resolution " + pixels;
        }

        @Override
        public long inputs() {
            return (long) pixels * pixels / 256;
        }

        @Override
        public Resolution measurement() {
            return this;
        }
    }

    private record AccuracyRow(
            String run,
            String encoding,
            int resolution,
            Integer trainedAt,
            Estimate top1,
            Status status,
            String message)
            implements SweepRow {
        @Override
        public String series() {
            return "centre-crop";
        }

        @Override
        public int at() {
            return resolution;
        }
    }

    private static final class AccuracyView implements SweepView<AccuracyRow> {
        @Override
        public Class<AccuracyRow> rows() {
            return AccuracyRow.class;
        }

        @Override
        public Axis axis() {
            return new Axis("resolution", "Resolution in pixels");
        }

        @Override
        public List<Measure<AccuracyRow>> measures() {
            return List.of(new Measure<>("top1", "Top-1 accuracy", false, AccuracyRow::top1, value -> fixed(value, 1)));
        }

        @Override
        public List<Detail<AccuracyRow>> details() {
            return List.of(new Detail<>("resolution", true, row -> text(row.resolution())));
        }

        @Override
        public String title(String series, List<AccuracyRow> rows) {
            return "centre crops";
        }

        @Override
        public String lossUnit() {
            return "nats per picture";
        }

        @Override
        public String positions() {
            return "";
        }

        @Override
        public String definitions() {
            return "<dt>top-1</dt><dd>Share of the pictures whose first guess is right.</dd>";
        }
    }

    private record Run(String name, double drop, int last) implements SweepRun<Resolution, AccuracyRow> {
        @Override
        public List<Resolution> points() {
            return List.of(new Resolution(224), new Resolution(448), new Resolution(640));
        }

        @Override
        public OpenRun<Resolution, AccuracyRow> open() {
            return new OpenRun<>() {
                @Override
                public Optional<String> refusal(Resolution point) {
                    return point.pixels > last ? Optional.of("positions end at " + last) : Optional.empty();
                }

                @Override
                public AccuracyRow measure(Resolution point, LongConsumer done) {
                    done.accept(point.inputs());
                    double top1 = 80 - drop * (point.pixels - TRAINED);
                    return row(point, new Estimate(top1, new Interval(top1 - 1, top1 + 1)), SweepRow.Status.OK, "");
                }

                @Override
                public AccuracyRow without(Resolution point, SweepRow.Status status, String message) {
                    return row(point, null, status, message);
                }

                @Override
                public AccuracyRow as(AccuracyRow row, Resolution point) {
                    return row;
                }

                @Override
                public void close() {}
            };
        }

        private AccuracyRow row(Resolution point, Estimate top1, SweepRow.Status status, String message) {
            return new AccuracyRow(name, name, point.pixels, TRAINED, top1, status, message);
        }

        @Override
        public AccuracyRow unopened(Resolution point, String message) {
            return row(point, null, SweepRow.Status.FAILED, message);
        }

        @Override
        public String memoryKey() {
            return "evaluation.batch";
        }
    }

    private static List<AccuracyRow> rows() {
        return new Sweep<Resolution, AccuracyRow>(Progress.none(), row -> {})
                .run(List.of(new Run("seqpe", 0.01, 448), new Run("sinusoidal", 0.1, 1000)));
    }

    @Test
    void theHighestAccuracyIsMarked() {
        assertThat(new SweepTables<>(new AccuracyView())
                        .pivot(rows(), "centre-crop")
                        .toMarkdown())
                .isEqualTo(
                        """
            | run        | encoding   | trained at |           224 |           448 |       640 |
            | ---------- | ---------- | ---------: | ------------: | ------------: | --------: |
            | seqpe      | seqpe      |        224 | **80.0** ±1.0 | **77.8** ±1.0 |   refused |
            | sinusoidal | sinusoidal |        224 | **80.0** ±1.0 |     57.6 ±1.0 | 38.4 ±1.0 |
            """);
    }

    @Test
    void filesHaveTheTasksOwnColumns() throws IOException {
        SweepFiles<AccuracyRow> files = new SweepFiles<>(AccuracyRow.class);
        ByteArrayOutputStream csv = new ByteArrayOutputStream();
        files.writeCsv(rows(), csv);
        assertThat(csv.toString(StandardCharsets.UTF_8))
                .startsWith("run,encoding,resolution,trained_at,top1,top1_low,top1_high,status,message\n"
                        + "seqpe,seqpe,224,224,80.0,79.0,81.0,ok,\n");
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        files.writeJson(rows(), json);
        assertThat(files.readJson(new ByteArrayInputStream(json.toByteArray()), "sweep.json"))
                .isEqualTo(rows());
    }

    @Test
    void theReportSpeaksOfResolutionsAndNotOfText() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report.write(new ReportData<>("Pictures", new AccuracyView(), rows(), List.of(), List.of()), out);
        Document page = Jsoup.parse(out.toString(StandardCharsets.UTF_8));
        assertThat(page.select("section").eachAttr("id")).containsExactly("resolution", "rows", "definitions");
        assertThat(page.selectFirst("#resolution h2").text()).isEqualTo("Top-1 accuracy against resolution");
        assertThat(page.select("#resolution .note").eachText())
                .containsExactly("seqpe at 640: refused. positions end at 448");
        assertThat(page.body().text()).doesNotContainIgnoringCase("token").doesNotContain("Perplexity");
    }
}

package org.seqpe.evaluation.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.Resolution;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Interval;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.image.ImageRow;
import org.seqpe.evaluation.image.ImageView;
import org.seqpe.evaluation.report.Report;
import org.seqpe.evaluation.report.ReportData;

class GroupedViewTest {
    private static final Map<String, String> GROUPS = Map.of("rope-1", "rope", "rope-2", "rope", "rope-3", "rope");

    private static ImageRow row(String run, int pixels, double top1) {
        Estimate share = new Estimate(top1, new Interval(top1 - 0.01, top1 + 0.01));
        return new ImageRow(
                run,
                "rope",
                new Resolution(pixels, pixels),
                new Resolution(32, 32),
                100L,
                null,
                share,
                share,
                1.0,
                1L,
                Status.OK,
                "",
                null);
    }

    private static ImageRow failed(String run, int pixels) {
        return ImageRow.without(
                new ImageRow.Subject(run, "rope", new Resolution(pixels, pixels), new Resolution(32, 32)),
                Status.FAILED,
                "out of memory");
    }

    private static final List<ImageRow> ROWS = List.of(
            row("rope-1", 32, 0.50),
            row("rope-1", 64, 0.01),
            row("rope-2", 32, 0.52),
            row("rope-2", 64, 0.99),
            row("rope-3", 32, 0.57),
            failed("rope-3", 64),
            row("none", 32, 0.30),
            failed("none", 64));

    private static final GroupedView<ImageRow> VIEW = new GroupedView<>(new ImageView(), ROWS, GROUPS);

    private static Estimate top1(GroupedRow row) {
        return VIEW.measures().get(0).value().apply(row);
    }

    /** 50, 52 and 57 have the mean 53 and the standard error 2.0817; Student's quantile for two degrees is 4.3027. */
    @Test
    void aGroupIsTheMeanOfItsRunsWithTheIntervalOfThatMean() {
        List<GroupedRow> rows = VIEW.grouped();
        assertThat(rows).extracting(GroupedRow::run).containsExactly("rope", "rope", "none", "none");
        Estimate estimate = top1(rows.get(0));
        assertThat(estimate.value()).isCloseTo(53, within(1e-9));
        assertThat(estimate.interval().low()).isCloseTo(53 - 4.302653 * 2.081666, within(1e-4));
        assertThat(estimate.interval().high()).isCloseTo(53 + 4.302653 * 2.081666, within(1e-4));
        assertThat(rows.get(0).message()).isEmpty();
    }

    @Test
    void anIntervalStaysAmongPossibleValues() {
        Estimate estimate = top1(VIEW.grouped().get(1));
        assertThat(estimate.value()).isCloseTo(50, within(1e-9));
        assertThat(estimate.interval()).isEqualTo(new Interval(0, 100));
    }

    @Test
    void runsWithoutAResultAreCountedAndAGroupOfOneKeepsItsInterval() {
        List<GroupedRow> rows = VIEW.grouped();
        assertThat(rows.get(1).message()).isEqualTo("2 of 3 runs have a result");
        assertThat(top1(rows.get(2)).interval().high()).isCloseTo(31, within(1e-9));
        assertThat(rows.get(3).status()).isEqualTo(Status.FAILED);
        assertThat(rows.get(3).message()).isEqualTo("out of memory");
    }

    @Test
    void theReportShowsGroupsAndBelowThemAllRuns() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report.write(new ReportData<>("Groups", new ImageView(), ROWS, GROUPS, List.of(), List.of()), out);
        Document page = Jsoup.parse(out.toString(StandardCharsets.UTF_8));
        assertThat(page.select("#resolution tbody tr td:first-child").eachText())
                .containsExactly("rope", "none");
        assertThat(page.select("#rows tbody tr")).hasSize(ROWS.size());
        assertThat(page.select("#resolution").text()).contains("group of runs that differ in their seed alone");
    }
}

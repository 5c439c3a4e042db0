package org.seqpe.evaluation.report;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.seqpe.core.io.Resources;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.SweepView;
import org.seqpe.evaluation.group.GroupedView;

/**
 * Writes report.html: plots and tables of a sweep, training curves, and where everything comes from. The page is one
 * file that loads nothing: styles, Chart.js and data are inside, and a content security policy forbids the rest.
 * Everything that comes from data is escaped.
 */
public final class Report {
    private static final String CHART_JS = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    private Report() {}

    /** Writes the page as UTF-8; the stream stays open. */
    public static <R extends SweepRow> void write(ReportData<R> data, OutputStream out) throws IOException {
        if (data.groups().isEmpty()) {
            write(data, data.view(), data.rows(), out);
        } else {
            GroupedView<R> groups = new GroupedView<>(data.view(), data.rows(), data.groups());
            write(data, groups, groups.grouped(), out);
        }
    }

    /** @param shown what plots and the tables beside them show, by its own view */
    private static <R extends SweepRow, S extends SweepRow> void write(
            ReportData<R> data, SweepView<S> view, List<S> shown, OutputStream out) throws IOException {
        SweepTables<S> tables = new SweepTables<>(view);
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("title", data.title());
        page.put("style", Resources.text(Report.class, "report.css"));
        page.put(
                "chartLibrary", Resources.text(Report.class, CHART_JS).replaceAll("(?m)^//# sourceMappingURL=.*$", ""));
        page.put("script", Resources.text(Report.class, "report.js"));
        page.put("data", ReportCharts.json(data, view, shown));
        page.put("grouped", !data.groups().isEmpty());
        page.put("hasRows", !data.rows().isEmpty());
        page.put("axis", view.axis().name());
        page.put("axisTitle", capitalized(view.axis().name()));
        page.put("measure", view.measures().get(0).name());
        page.put("better", view.measures().get(0).lowerIsBetter() ? "Lower" : "Higher");
        page.put("lossUnit", view.lossUnit());
        page.put("lossUnitTitle", capitalized(view.lossUnit()));
        page.put("positions", view.positions());
        page.put("definitions", view.definitions());
        page.put(
                "series",
                tables.series(shown).stream()
                        .map(series -> series(tables, view, shown, series))
                        .toList());
        page.put("detail", html(new SweepTables<>(data.view()).detail(data.rows())));
        page.put(
                "hasPositions", data.rows().stream().anyMatch(row -> row.curve().isPresent()));
        List<Map<String, Object>> confusions = ReportConfusion.sections(data.rows());
        page.put("hasConfusions", !confusions.isEmpty());
        page.put("confusions", confusions);
        List<Map<String, Object>> depths = ReportDepths.sections(data.rows(), data.groups());
        page.put("hasDepths", !depths.isEmpty());
        page.put("depths", depths);
        page.put("hasCurves", data.curves().stream().anyMatch(curve -> !curve.points()
                .isEmpty()));
        page.put("hasProvenance", !data.provenance().isEmpty());
        page.put(
                "provenance",
                data.provenance().stream()
                        .map(run -> Map.of(
                                "run",
                                run.run(),
                                "config",
                                run.config(),
                                "facts",
                                run.facts().entrySet().stream()
                                        .map(fact -> Map.of("name", fact.getKey(), "value", fact.getValue()))
                                        .toList()))
                        .toList());
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        Mustache.compiler()
                .emptyStringIsFalse(true)
                .compile(Resources.text(Report.class, "report.mustache"))
                .execute(page, writer);
        writer.flush();
    }

    private static <S extends SweepRow> Map<String, Object> series(
            SweepTables<S> tables, SweepView<S> view, List<S> rows, String series) {
        String title = capitalized(tables.title(rows, series));
        return Map.of(
                "id", series,
                "title", title,
                "plots",
                        view.measures().stream()
                                .map(measure -> Map.of("key", measure.key(), "name", measure.name()))
                                .toList(),
                "pivot", html(tables.pivot(rows, series)),
                "missing",
                        rows.stream()
                                .filter(row -> row.series().equals(series) && row.status() != Status.OK)
                                .map(Report::missing)
                                .toList());
    }

    static Map<String, Object> html(Table table) {
        List<Map<String, String>> columns = table.columns().stream()
                .map(column -> Map.of("text", column.name(), "style", side(column)))
                .toList();
        List<Map<String, Object>> rows = table.rows().stream()
                .map(row -> {
                    List<Map<String, String>> cells = new ArrayList<>();
                    for (int i = 0; i < row.size(); i++) {
                        cells.add(Map.of(
                                "text",
                                row.get(i).text(),
                                "margin",
                                row.get(i).margin(),
                                "style",
                                side(table.columns().get(i)) + " "
                                        + row.get(i).mark().name().toLowerCase(Locale.ROOT)));
                    }
                    return Map.<String, Object>of("cells", cells);
                })
                .toList();
        return Map.of("columns", columns, "rows", rows);
    }

    private static String side(Table.Column column) {
        return column.right() ? "number" : "text";
    }

    private static Map<String, String> missing(SweepRow row) {
        return Map.of(
                "run",
                row.run(),
                "at",
                row.at().text(),
                "status",
                row.status().name().toLowerCase(Locale.ROOT),
                "message",
                row.message());
    }

    private static String capitalized(String title) {
        return title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
    }
}

package org.seqpe.evaluation.report;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.Confusion;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.report.Table.Cell;
import org.seqpe.evaluation.report.Table.Column;

/**
 * What a report shows of the classes that each run confuses: the most frequent mistakes as a table, and the classes of
 * the first of them as a heat map. They are those of the point where the run was trained, or of the measured point that
 * is nearest to it.
 */
final class ReportConfusion {
    /** Shades of the heat map, for shares from 0 to 1. */
    private static final int SHADES = 10;

    private ReportConfusion() {}

    /** For each run that has mistakes, in the order of the rows, what the page's template shows. */
    static <R extends SweepRow> List<Map<String, Object>> sections(List<R> rows) {
        return rows.stream()
                .map(SweepRow::run)
                .distinct()
                .flatMap(run -> nearestToTraining(
                        rows.stream().filter(row -> row.run().equals(run)).toList())
                        .stream())
                .map(row -> section(row, row.confusion().orElseThrow()))
                .toList();
    }

    private static <R extends SweepRow> Optional<R> nearestToTraining(List<R> ofRun) {
        return ofRun.stream()
                .filter(row -> row.confusion()
                        .filter(confusion -> !confusion.pairs().isEmpty())
                        .isPresent())
                .min(Comparator.comparingDouble(row -> distance(row.at(), row.trainedAt())));
    }

    /** By which factor they differ; equal places come before others of the same value. */
    private static double distance(AxisValue at, AxisValue trainedAt) {
        return at.equals(trainedAt) ? -1 : Math.abs(Math.log(at.value() / trainedAt.value()));
    }

    private static Map<String, Object> section(SweepRow row, Confusion confusion) {
        return Map.of(
                "run", row.run(),
                "at", row.at().text(),
                "pairs", Report.html(pairs(confusion)),
                "classes", confusion.classes(),
                "lines",
                        IntStream.range(0, confusion.classes().size())
                                .mapToObj(truth -> Map.of(
                                        "name", confusion.classes().get(truth), "cells", cells(confusion, truth)))
                                .toList());
    }

    private static Table pairs(Confusion confusion) {
        return new Table(
                List.of(
                        new Column("true class", false),
                        new Column("predicted", false),
                        new Column("count", true),
                        new Column("of the true class", true)),
                confusion.pairs().stream()
                        .map(pair -> List.of(
                                Cell.of(pair.truth()),
                                Cell.of(pair.predicted()),
                                Cell.of(Long.toString(pair.count())),
                                Cell.of(percent(pair.share()) + " %")))
                        .toList());
    }

    private static List<Map<String, String>> cells(Confusion confusion, int truth) {
        long total = confusion.totals().get(truth);
        return IntStream.range(0, confusion.classes().size())
                .mapToObj(predicted -> {
                    long count = confusion.counts().get(truth).get(predicted);
                    double share = total == 0 ? 0 : (double) count / total;
                    return Map.of(
                            "text", count == 0 ? "" : percent(share),
                            "style",
                                    (truth == predicted ? "right" : "wrong") + " shade"
                                            + (int) Math.ceil(share * SHADES),
                            "title",
                                    confusion.classes().get(truth) + " predicted as "
                                            + confusion.classes().get(predicted) + ": " + count + " of " + total);
                })
                .toList();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f", 100 * share);
    }
}

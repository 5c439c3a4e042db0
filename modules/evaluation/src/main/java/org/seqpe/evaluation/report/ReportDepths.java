package org.seqpe.evaluation.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.DepthShares.Bin;
import org.seqpe.evaluation.SweepRow;

/**
 * What a report shows of how well runs find things by the place where they stand: for each run or group of runs a heat
 * map of depth against the sweep's axis.
 */
final class ReportDepths {
    /** Shades of the heat map, for shares from 0 to 1. */
    private static final int SHADES = 10;

    private ReportDepths() {}

    /**
     * For each run or group that has depths, in the order of the rows, what the page's template shows.
     *
     * @param groups the name of each run's group, by the run's name; a run without one stands for itself
     */
    static <R extends SweepRow> List<Map<String, Object>> sections(List<R> rows, Map<String, String> groups) {
        Map<String, Map<AxisValue, List<Bin>>> found = new LinkedHashMap<>();
        for (R row : rows) {
            row.depths().ifPresent(depths -> found.computeIfAbsent(
                            groups.getOrDefault(row.run(), row.run()), name -> new TreeMap<>())
                    .merge(row.at(), depths.bins(), ReportDepths::sum));
        }
        return found.entrySet().stream()
                .map(one -> section(one.getKey(), one.getValue()))
                .toList();
    }

    private static List<Bin> sum(List<Bin> first, List<Bin> second) {
        List<Bin> sums = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            Bin a = first.get(i);
            Bin b = second.get(i);
            sums.add(new Bin(a.from(), a.to(), a.count() + b.count(), a.hits() + b.hits()));
        }
        return sums;
    }

    private static Map<String, Object> section(String name, Map<AxisValue, List<Bin>> byPlace) {
        List<Bin> ranges = byPlace.values().iterator().next();
        List<Map<String, Object>> lines = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            int bin = i;
            lines.add(Map.of(
                    "name",
                    percent(ranges.get(i).from()) + " to "
                            + percent(ranges.get(i).to()) + " %",
                    "cells",
                    byPlace.entrySet().stream()
                            .map(place -> cell(place.getKey(), place.getValue().get(bin)))
                            .toList()));
        }
        return Map.of(
                "run",
                name,
                "places",
                byPlace.keySet().stream().map(AxisValue::text).toList(),
                "lines",
                lines);
    }

    private static Map<String, String> cell(AxisValue place, Bin bin) {
        if (bin.count() == 0) {
            return Map.of("text", "", "style", "", "title", "nothing was looked for here");
        }
        double share = (double) bin.hits() / bin.count();
        return Map.of(
                "text",
                percent(share),
                "style",
                "right shade" + (int) Math.ceil(share * SHADES),
                "title",
                bin.hits() + " of " + bin.count() + " found at " + place.text());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f", 100 * share);
    }
}

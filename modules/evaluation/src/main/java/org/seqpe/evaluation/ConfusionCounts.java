package org.seqpe.evaluation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * How often each class was predicted for each true class. Only pairs that happened take memory. The counts do not
 * depend on the order in which samples are added or merged.
 */
public final class ConfusionCounts implements Serializable {
    private static final long serialVersionUID = 1L;
    /** Most pairs that {@link #largest} names. */
    public static final int PAIRS = 15;
    /** Most classes that {@link #largest} shows. */
    public static final int CLASSES = 12;

    private static final Comparator<Map.Entry<Pair, Long>> MOST_FREQUENT_FIRST =
            Map.Entry.<Pair, Long>comparingByValue()
                    .reversed()
                    .thenComparingInt(entry -> entry.getKey().truth)
                    .thenComparingInt(entry -> entry.getKey().predicted);

    private record Pair(int truth, int predicted) implements Serializable {}

    private final Map<Pair, Long> counts = new HashMap<>();
    private final Map<Integer, Long> totals = new HashMap<>();

    /** Adds a sample. */
    public void add(int truth, int predicted) {
        counts.merge(new Pair(truth, predicted), 1L, Long::sum);
        totals.merge(truth, 1L, Long::sum);
    }

    /** Adds the samples of other counts. */
    public void merge(ConfusionCounts other) {
        other.counts.forEach((pair, count) -> counts.merge(pair, count, Long::sum));
        other.totals.forEach((truth, count) -> totals.merge(truth, count, Long::sum));
    }

    /** How often a class was predicted for a true class. */
    public long count(int truth, int predicted) {
        return counts.getOrDefault(new Pair(truth, predicted), 0L);
    }

    /** How often a class was the true one. */
    public long total(int truth) {
        return totals.getOrDefault(truth, 0L);
    }

    /**
     * The {@value #PAIRS} most frequent mistakes, and the first {@value #CLASSES} classes that they are about. Of equal
     * counts those with lower classes come first.
     *
     * @param names of all classes, by index
     */
    public Confusion largest(List<String> names) {
        List<Map.Entry<Pair, Long>> mistakes = counts.entrySet().stream()
                .filter(entry -> entry.getKey().truth != entry.getKey().predicted)
                .sorted(MOST_FREQUENT_FIRST)
                .limit(PAIRS)
                .toList();
        List<Confusion.Pair> pairs = new ArrayList<>();
        LinkedHashSet<Integer> involved = new LinkedHashSet<>();
        for (Map.Entry<Pair, Long> mistake : mistakes) {
            int truth = mistake.getKey().truth;
            int predicted = mistake.getKey().predicted;
            pairs.add(new Confusion.Pair(
                    names.get(truth),
                    names.get(predicted),
                    mistake.getValue(),
                    (double) mistake.getValue() / total(truth)));
            involved.add(truth);
            involved.add(predicted);
        }
        List<Integer> shown = involved.stream().limit(CLASSES).toList();
        return new Confusion(
                pairs,
                shown.stream().map(names::get).toList(),
                shown.stream()
                        .map(truth -> shown.stream()
                                .map(predicted -> count(truth, predicted))
                                .toList())
                        .toList(),
                shown.stream().map(this::total).toList());
    }
}

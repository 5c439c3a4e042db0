package org.seqpe.evaluation;

import java.util.List;

/**
 * The classes that a model confuses most: the pairs with the largest counts, and how the classes of those pairs were
 * predicted.
 *
 * @param pairs the most frequent mistakes, largest count first
 * @param classes names of the classes of the first pairs, in the order of the pairs
 * @param counts for each of the classes, how often each of the classes was predicted for it, right predictions included
 * @param totals how often each of the classes was the true one
 */
public record Confusion(List<Pair> pairs, List<String> classes, List<List<Long>> counts, List<Long> totals) {

    /**
     * A mistake.
     *
     * @param truth name of the true class
     * @param predicted name of the class that was predicted instead
     * @param count how often that happened
     * @param share count divided by the number of samples of the true class
     */
    public record Pair(String truth, String predicted, long count, double share) {}

    /** @throws IllegalArgumentException if counts and totals are not those of the classes */
    public Confusion {
        pairs = List.copyOf(pairs);
        classes = List.copyOf(classes);
        counts = counts.stream().map(List::copyOf).toList();
        totals = List.copyOf(totals);
        int size = classes.size();
        if (counts.size() != size || totals.size() != size || counts.stream().anyMatch(row -> row.size() != size)) {
            throw new IllegalArgumentException(
                    "Cannot show a confusion: expected counts and totals of " + size + " classes, found others");
        }
    }
}

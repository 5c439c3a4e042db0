package org.seqpe.evaluation;

import java.util.List;

/**
 * How often what was looked for was found, by where it stands in the context.
 *
 * @param bins in the order of the depths
 */
public record DepthShares(List<Bin> bins) {

    /**
     * Depths of a range, without its end; the last range has its end too.
     *
     * @param from 0 is the beginning of the context
     * @param to 1 is its end
     * @param count how often something of that range was looked for
     * @param hits how often it was found
     */
    public record Bin(double from, double to, long count, long hits) {}

    public DepthShares {
        bins = List.copyOf(bins);
    }
}

package org.seqpe.data;

import org.seqpe.core.random.Permutation;
import org.seqpe.core.random.RandomStream;

/**
 * The endless order in which a split's samples are seen: epoch after epoch, each with a new random order of all
 * samples. The sample at a place is a pure function of (seed, place), so any process can continue it anywhere. Safe for
 * use by several threads.
 */
public final class SampleOrder {
    private static final long PURPOSE = "sample order".hashCode();

    private final long seed;
    private final long samples;
    private volatile Epoch latest;

    private record Epoch(long number, Permutation order) {}

    /**
     * @param seed seed of the run
     * @param samples samples in the split, at least 1
     */
    public SampleOrder(long seed, long samples) {
        this.seed = seed;
        this.samples = samples;
        this.latest = epoch(0);
    }

    public long samples() {
        return samples;
    }

    /**
     * The sample, in [0, samples), at a place.
     *
     * @param place samples seen before it, over all epochs and replicas
     */
    public long at(long place) {
        long number = place / samples;
        Epoch epoch = latest;
        if (epoch.number() != number) {
            epoch = epoch(number);
            latest = epoch;
        }
        return epoch.order().at(place % samples);
    }

    private Epoch epoch(long number) {
        return new Epoch(number, new Permutation(RandomStream.derive(seed, PURPOSE, number), samples));
    }
}

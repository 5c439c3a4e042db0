package org.seqpe.model.seqpe;

import org.seqpe.core.random.Permutation;
import org.seqpe.core.random.RandomStream;

/**
 * An endless walk through a list. Every pass visits each entry once, in a new random order. The i-th entry is a
 * function of (key, i).
 *
 * <p>The reference also shuffles the whole list. But at the end of an epoch of its sampler, it may begin a new order
 * before the current one is used up. Here a pass is always completed.
 */
final class ShuffledWalk {
    private final long key;
    private final long size;
    private long pass = -1;
    private Permutation order;

    ShuffledWalk(long key, long size) {
        this.key = key;
        this.size = size;
    }

    /** The entry at a place in the walk. */
    long at(long place) {
        long wanted = place / size;
        if (wanted != pass) {
            pass = wanted;
            order = new Permutation(RandomStream.derive(key, pass), size);
        }
        return order.at(place % size);
    }
}

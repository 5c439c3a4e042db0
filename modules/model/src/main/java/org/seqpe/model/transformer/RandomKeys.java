package org.seqpe.model.transformer;

import org.seqpe.core.random.SplitMix64;

/**
 * The dropout keys of one pass through the model: a pure function of the pass's seed and of the place. So the backward
 * pass gets the same masks as the forward pass, and a repeated step draws the same masks.
 */
public final class RandomKeys {
    /** Where a mask is drawn. */
    public enum Site {
        EMBEDDING,
        ATTENTION,
        ATTENTION_OUTPUT,
        MLP_OUTPUT,
        ENCODER_ATTENTION,
        ENCODER_ATTENTION_OUTPUT,
        ENCODER_MLP_OUTPUT
    }

    private static final int SITES = Site.values().length;
    private long pass;

    /** Begins a pass. */
    public void begin(long passSeed) {
        pass = passSeed;
    }

    /** The key of one site in one layer. */
    public long key(Site site, int layer) {
        return SplitMix64.mix(pass + (1 + site.ordinal() + (long) SITES * layer) * SplitMix64.GOLDEN);
    }
}

package org.seqpe.model;

/**
 * The dropout keys of one pass through the model: a pure function of the pass's seed and of the place, so that the backward pass finds the
 * masks of the forward pass, and a repeated step draws the same ones.
 */
final class RandomKeys {
    /** Where a mask is drawn. */
    enum Site { EMBEDDING, ATTENTION, ATTENTION_OUTPUT, MLP_OUTPUT, ENCODER_ATTENTION, ENCODER_ATTENTION_OUTPUT, ENCODER_MLP_OUTPUT }

    private static final int SITES = Site.values().length;
    private long pass;

    /** Begins a pass. */
    void begin(long passSeed) {
        pass = passSeed;
    }

    /** The key of one site in one layer. */
    long key(Site site, int layer) {
        long z = pass + (1 + site.ordinal() + (long) SITES * layer) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

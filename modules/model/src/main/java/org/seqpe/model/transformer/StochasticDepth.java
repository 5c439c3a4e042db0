package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.core.random.RandomStream;
import org.seqpe.core.random.SplitMix64;
import org.seqpe.model.transformer.RandomKeys.Site;

/**
 * Stochastic depth (arXiv 1603.09382): in training, a sample leaves out a residual branch with a probability that grows
 * with the layer, from 0 in the first to the configured rate in the last; branches that stay are scaled up by 1 / (1 -
 * probability). timm calls it drop path. What is left out is a pure function of the pass's seed, the layer, the branch
 * and the sample.
 */
public final class StochasticDepth {
    /** The residual branches of a block. */
    public enum Branch {
        ATTENTION(Site.ATTENTION_OUTPUT),
        MLP(Site.MLP_OUTPUT);

        private final Site site;

        Branch(Site site) {
            this.site = site;
        }
    }

    private static final int BRANCHES = Branch.values().length;
    /** Makes the keys of samples differ from those of the dropout masks at the same places. */
    private static final long PURPOSE = "stochastic depth".hashCode();

    private final Device device;
    private final RandomKeys keys;
    private final int layers;
    private final double rate;
    private final RandomStream random = new RandomStream(0);
    private Tensor factors;
    private float[] drawn = new float[0];

    /** @param rate of the last layer, in [0, 1); 0 leaves out nothing */
    public StochasticDepth(Device device, RandomKeys keys, int layers, double rate) {
        this.device = device;
        this.keys = keys;
        this.layers = layers;
        this.rate = rate;
    }

    /** Leaves out nothing. */
    public static StochasticDepth none() {
        return new StochasticDepth(null, null, 1, 0);
    }

    /** Draws which branches the samples of a pass leave out; the pass's keys must be set. */
    void begin(int samples) {
        if (rate == 0) {
            return;
        }
        int size = layers * BRANCHES * samples;
        if (drawn.length != size) {
            if (factors != null) {
                device.free(factors);
            }
            drawn = new float[size];
            factors = device.allocate(layers * BRANCHES, samples);
        }
        for (int layer = 0; layer < layers; layer++) {
            for (Branch branch : Branch.values()) {
                draw(layer, branch, samples);
            }
        }
        factors.upload(drawn);
    }

    private void draw(int layer, Branch branch, int samples) {
        double probability = probability(layer);
        float kept = (float) (1 / (1 - probability));
        random.restart(SplitMix64.mix(keys.key(branch.site, layer) ^ PURPOSE));
        int first = row(layer, branch) * samples;
        for (int i = 0; i < samples; i++) {
            drawn[first + i] = random.nextDouble() < probability ? 0 : kept;
        }
    }

    private double probability(int layer) {
        return layers == 1 ? rate : rate * layer / (layers - 1);
    }

    private static int row(int layer, Branch branch) {
        return layer * BRANCHES + branch.ordinal();
    }

    /**
     * Leaves out the branch of some samples.
     *
     * @param x what the branch adds, or its gradient [N, C]
     * @param target [N, C]; may be x
     * @return target, or x where nothing is left out
     */
    Tensor apply(int layer, Branch branch, Tensor x, Tensor target) {
        if (rate == 0 || probability(layer) == 0) {
            return x;
        }
        device.scaleRows(x, factors.rows(row(layer, branch), 1), target);
        return target;
    }
}

package org.seqpe.model.position;

import org.seqpe.compute.Attention;
import org.seqpe.core.config.PositionConfig.AlibiScaling;
import org.seqpe.model.ModelSpec;

/**
 * ALiBi (arXiv 2108.12409): a bias that grows with the key's index. Under the causal mask it is the same as one that
 * falls with the distance.
 */
public final class Alibi extends PositionEncoding {
    public static final EncodingFactory FACTORY = (spec, parameters, device, training) -> new Alibi(spec);

    private final int headWidth;
    private final float[] slopes;

    private Alibi(ModelSpec spec) {
        headWidth = spec.config().headWidth();
        double scale = spec.position().alibiScaling() == AlibiScaling.REFERENCE ? 1 / Math.sqrt(headWidth) : 1;
        double[] published = AlibiSlopes.of(spec.config().heads());
        slopes = new float[published.length];
        for (int h = 0; h < slopes.length; h++) {
            slopes[h] = (float) (published[h] * scale);
        }
    }

    @Override
    public void begin(Pass pass) {}

    @Override
    public Attention attention(Attention plain) {
        return plain.withSlopes(slopes);
    }

    @Override
    public boolean readsDistances() {
        return true;
    }

    @Override
    public int headWidth() {
        return headWidth;
    }
}

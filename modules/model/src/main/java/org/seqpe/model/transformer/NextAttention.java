package org.seqpe.model.transformer;

import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.position.PositionEncoding;

/** Attention of one more row of every sample to all rows of the same sample in a {@link KeyValueCache}. */
public final class NextAttention implements TransformerBlock.AttentionLayer {
    private final Device device;
    private final PositionEncoding positions;
    private final PositionEncoding all;
    private final KeyValueCache cache;
    private final IntBuffer lengths;
    private final int heads;
    private final int headWidth;
    private int samples;
    private int longest;

    /**
     * @param positions has begun a pass of the new rows
     * @param all has begun a pass of all positions of the cache, and keeps what every layer makes of them
     */
    NextAttention(
            ModelSpec spec, Device device, PositionEncoding positions, PositionEncoding all, KeyValueCache cache) {
        this.device = device;
        this.positions = positions;
        this.all = all;
        this.cache = cache;
        lengths = new IntBuffer(device);
        heads = spec.config().heads();
        headWidth = spec.config().headWidth();
    }

    /** The rows that samples have before this pass. */
    public void begin() {
        int[] now = cache.lengths();
        samples = now.length;
        longest = 0;
        for (int length : now) {
            longest = Math.max(longest, length);
        }
        lengths.upload(now, samples);
    }

    @Override
    public void forward(int layer, Tensor qkv, Tensor out) {
        Heads query = positions.query(layer, qkv);
        Heads key = positions.key(layer, qkv);
        Attention spec = positions.attention(Attention.plain(samples, 1, heads, headWidth, true));
        device.cachedAttention(
                new CachedAttention(
                        samples,
                        cache.capacity(),
                        longest,
                        heads,
                        headWidth,
                        spec.scale(),
                        spec.slopes(),
                        spec.positionWidth(),
                        spec.positionScale()),
                lengths.get(),
                new AttentionHeads(query, key, positions.columns(qkv, 2), positions.positionQuery(layer), null),
                cache.keys(layer),
                cache.values(layer),
                all.positionKey(layer),
                Heads.columns(out, 0, headWidth));
    }

    @Override
    public void backward(int layer, Tensor qkv, Tensor out, Tensor dOut, Tensor dQkv) {
        throw new UnsupportedOperationException("Cannot train through a cache");
    }
}

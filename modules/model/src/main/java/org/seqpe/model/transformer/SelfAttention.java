package org.seqpe.model.transformer;

import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.position.PositionEncoding;
import org.seqpe.model.transformer.RandomKeys.Site;

/** The main model's attention: projections and positions in, weighted values out. */
public final class SelfAttention implements TransformerBlock.AttentionLayer {
    private final Device device;
    private final PositionEncoding positions;
    private final RandomKeys keys;
    private final float dropout;
    private final int heads;
    private final int headWidth;
    private final boolean causal;
    private final boolean training;
    private final RowBuffer[] logSumExp;
    private int batch;
    private int length;

    public SelfAttention(ModelSpec spec, Device device, PositionEncoding positions, RandomKeys keys, boolean training) {
        this.device = device;
        this.positions = positions;
        this.keys = keys;
        causal = spec.task().causal();
        this.training = training;
        dropout = training ? (float) spec.config().dropout() : 0;
        heads = spec.config().heads();
        headWidth = spec.config().headWidth();
        logSumExp = new RowBuffer[spec.config().layers()];
        for (int i = 0; i < logSumExp.length; i++) {
            logSumExp[i] = new RowBuffer(device, heads);
        }
    }

    /** The shape of the pass: B samples of T positions. */
    public void begin(int newBatch, int newLength) {
        batch = newBatch;
        length = newLength;
    }

    @Override
    public void forward(int layer, Tensor qkv, Tensor out) {
        Heads query = positions.query(layer, qkv);
        Heads key = positions.key(layer, qkv);
        device.attention(
                spec(layer),
                new AttentionHeads(
                        query,
                        key,
                        positions.columns(qkv, 2),
                        positions.positionQuery(layer),
                        positions.positionKey(layer)),
                Heads.columns(out, 0, headWidth),
                training ? logSumExp[layer].rows(batch * length) : null);
    }

    @Override
    public void backward(int layer, Tensor qkv, Tensor out, Tensor dOut, Tensor dQkv) {
        device.attentionBackward(
                spec(layer),
                new AttentionHeads(
                        positions.keptQuery(layer, qkv),
                        positions.keptKey(layer, qkv),
                        positions.columns(qkv, 2),
                        positions.positionQuery(layer),
                        positions.positionKey(layer)),
                Heads.columns(out, 0, headWidth),
                logSumExp[layer].rows(batch * length),
                Heads.columns(dOut, 0, headWidth),
                new AttentionHeads(
                        positions.columns(dQkv, 0),
                        positions.columns(dQkv, 1),
                        positions.columns(dQkv, 2),
                        positions.dPositionQuery(layer),
                        positions.dPositionKey(layer)));
        positions.attentionBackward(layer, qkv, dQkv);
    }

    private Attention spec(int layer) {
        return positions
                .attention(Attention.plain(batch, length, heads, headWidth, causal))
                .withDropout(dropout, keys.key(Site.ATTENTION, layer));
    }
}

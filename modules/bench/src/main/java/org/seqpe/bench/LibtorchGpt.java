package org.seqpe.bench;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.bench.LibtorchLayers.Norm;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.model.position.RotaryTable;

/**
 * GPT-2 in libtorch's eager mode, as its users write it: fused linear layers, layer norm, tanh-GELU, scaled-dot-product
 * attention with {@code is_causal} and cross-entropy, tied output layer. RoPE turns queries and keys by one
 * multiplication of complex numbers.
 */
final class LibtorchGpt implements LibtorchModel {
    /** The encodings that it has. */
    static final Set<Encoding> ENCODINGS = Set.of(Encoding.ROPE, Encoding.LEARNED, Encoding.NONE);

    private final TextWorkload workload;
    private final LibtorchProducts products;
    private final Tensor tokenEmbedding;
    private final Tensor positionEmbedding;
    private final List<LibtorchBlock> blocks;
    private final Norm lastNorm;
    /** [1, T, 1, D/2] complex: cos + i sin. */
    private final Tensor rotation;

    LibtorchGpt(TextWorkload workload, LibtorchWeights weights, LibtorchProducts products) {
        this.workload = workload;
        this.products = products;
        ModelConfig config = workload.runConfig().model();
        double epsilon = config.layerNormEpsilon();
        tokenEmbedding = weights.get("transformer.wte.weight");
        positionEmbedding = workload.encoding() == Encoding.LEARNED ? weights.get("transformer.wpe.weight") : null;
        blocks = IntStream.range(0, workload.layers())
                .mapToObj(i -> LibtorchBlock.of(weights, "transformer.h." + i, ".ln_", epsilon, "tanh", products))
                .toList();
        lastNorm = Norm.of(weights, "transformer.ln_f", epsilon);
        rotation = workload.encoding() == Encoding.ROPE
                ? rotation(config.position().base())
                : null;
    }

    private Tensor rotation(double base) {
        int[] positions = IntStream.range(0, workload.length()).toArray();
        RotaryTable table = RotaryTable.sequential(positions, workload.width() / workload.heads(), base);
        float[] cosSin = new float[2 * table.cos().length];
        for (int i = 0; i < table.cos().length; i++) {
            cosSin[2 * i] = table.cos()[i];
            cosSin[2 * i + 1] = table.sin()[i];
        }
        return torch.view_as_complex(Tensor.create(cosSin, 1, positions.length, 1, table.pairs(), 2));
    }

    @Override
    public Tensor trainingLoss(Batch batch) {
        return loss((Batch.Tokens) batch);
    }

    @Override
    public Tensor evaluationLoss(Batch batch) {
        return loss((Batch.Tokens) batch);
    }

    private Tensor loss(Batch.Tokens batch) {
        long rows = workload.tokens();
        Tensor hidden = hidden(
                LibtorchTensors.indices(batch.tokens(), workload.batch(), workload.length()), LibtorchCache.NONE);
        Tensor logits = products.linear(hidden.view(rows, workload.width()), tokenEmbedding, new TensorOptional());
        return torch.cross_entropy_loss(logits, LibtorchTensors.indices(batch.targets(), rows));
    }

    /**
     * Reads further tokens, and finds the most probable one after them.
     *
     * @param tokens [B, T]
     * @return [B]
     */
    Tensor next(Tensor tokens, LibtorchCache cache) {
        Tensor last = hidden(tokens, cache).select(1, tokens.size(1) - 1);
        cache.grow(tokens.size(1));
        return torch.argmax(products.linear(last, tokenEmbedding, new TensorOptional()), new LongOptional(-1), false);
    }

    /**
     * @param tokens [B, T]
     * @return [B, T, C]
     */
    private Tensor hidden(Tensor tokens, LibtorchCache cache) {
        Tensor x = torch.embedding(tokenEmbedding, tokens);
        if (positionEmbedding != null) {
            x = x.add(positionEmbedding.narrow(0, cache.length(), tokens.size(1)));
        }
        for (int i = 0; i < blocks.size(); i++) {
            x = blocks.get(i).finish(x, attention(blocks.get(i).project(x), i, cache));
        }
        return lastNorm.apply(x);
    }

    /** @param qkv [B, T, 3C] */
    private Tensor attention(Tensor qkv, int layer, LibtorchCache cache) {
        long batch = qkv.size(0);
        long length = qkv.size(1);
        long heads = workload.heads();
        long headWidth = workload.width() / heads;
        Tensor all = qkv.view(batch, length, 3 * heads, headWidth);
        Tensor both = all.narrow(2, 0, 2 * heads);
        if (rotation != null) {
            // Queries and keys lie side by side, so one product turns both.
            Tensor pairs = torch.view_as_complex(both.view(batch, length, 2 * heads, headWidth / 2, 2));
            both = torch.view_as_real(pairs.mul(rotation.narrow(1, cache.length(), length)))
                    .view(batch, length, 2 * heads, headWidth);
        }
        // A single new token sees all that is kept; is_causal would let it see the first one alone.
        return LibtorchLayers.attention(
                both.narrow(2, 0, heads),
                cache.keys(layer, both.narrow(2, heads, heads)),
                cache.values(layer, all.narrow(2, 2 * heads, heads)),
                length > 1);
    }
}

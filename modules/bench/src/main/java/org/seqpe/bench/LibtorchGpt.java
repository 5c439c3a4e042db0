package org.seqpe.bench;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.model.position.RotaryTable;

/**
 * GPT-2 in libtorch's eager mode, as its users write it: fused linear layers, layer norm, tanh-GELU, scaled-dot-product
 * attention with {@code is_causal} and cross-entropy, tied output layer. RoPE turns queries and keys by one
 * multiplication of complex numbers.
 */
final class LibtorchGpt {
    private record Block(
            Tensor norm1,
            Tensor norm1Bias,
            Tensor qkv,
            Tensor qkvBias,
            Tensor out,
            Tensor outBias,
            Tensor norm2,
            Tensor norm2Bias,
            Tensor fc,
            Tensor fcBias,
            Tensor proj,
            Tensor projBias) {}

    private final Workload workload;
    private final LibtorchProducts products;
    private final List<Tensor> decaying = new ArrayList<>();
    private final List<Tensor> others = new ArrayList<>();
    private final Tensor tokenEmbedding;
    private final Tensor positionEmbedding;
    private final List<Block> blocks = new ArrayList<>();
    private final Tensor lastNorm;
    private final Tensor lastNormBias;
    /** [1, T, 1, D/2] complex: cos + i sin. */
    private final Tensor rotation;

    private final double epsilon;

    /** Where the starting values come from: our names, our shapes. */
    interface Weights {
        float[] values(String name);
    }

    LibtorchGpt(Workload workload, Weights weights, LibtorchProducts products) {
        this.workload = workload;
        this.products = products;
        long width = workload.width();
        epsilon = workload.runConfig().model().layerNormEpsilon();
        tokenEmbedding = decays(Tensor.create(weights.values("transformer.wte.weight"), workload.vocabulary(), width));
        positionEmbedding = workload.encoding() == Encoding.LEARNED
                ? decays(Tensor.create(weights.values("transformer.wpe.weight"), workload.length(), width))
                : null;
        for (int i = 0; i < workload.layers(); i++) {
            String name = "transformer.h." + i;
            blocks.add(new Block(
                    vector(weights, name + ".ln_1.weight"),
                    vector(weights, name + ".ln_1.bias"),
                    matrix(weights, name + ".attn.c_attn.weight", width, 3 * width),
                    vector(weights, name + ".attn.c_attn.bias"),
                    matrix(weights, name + ".attn.c_proj.weight", width, width),
                    vector(weights, name + ".attn.c_proj.bias"),
                    vector(weights, name + ".ln_2.weight"),
                    vector(weights, name + ".ln_2.bias"),
                    matrix(weights, name + ".mlp.c_fc.weight", width, 4 * width),
                    vector(weights, name + ".mlp.c_fc.bias"),
                    matrix(weights, name + ".mlp.c_proj.weight", 4 * width, width),
                    vector(weights, name + ".mlp.c_proj.bias")));
        }
        lastNorm = vector(weights, "transformer.ln_f.weight");
        lastNormBias = vector(weights, "transformer.ln_f.bias");
        rotation = workload.encoding() == Encoding.ROPE ? rotation() : null;
    }

    /** nn.Linear's layout [out, in] of a matrix that GPT-2 keeps as [in, out]. */
    private Tensor matrix(Weights weights, String name, long in, long out) {
        return decays(Tensor.create(weights.values(name), in, out).t().contiguous());
    }

    private Tensor vector(Weights weights, String name) {
        float[] values = weights.values(name);
        Tensor tensor = Tensor.create(values, values.length).set_requires_grad(true);
        others.add(tensor);
        return tensor;
    }

    private Tensor decays(Tensor tensor) {
        tensor.set_requires_grad(true);
        decaying.add(tensor);
        return tensor;
    }

    private Tensor rotation() {
        int[] positions = new int[workload.length()];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = i;
        }
        RotaryTable table = RotaryTable.sequential(
                positions,
                workload.width() / workload.heads(),
                workload.runConfig().model().position().base());
        float[] cosSin = new float[2 * table.cos().length];
        for (int i = 0; i < table.cos().length; i++) {
            cosSin[2 * i] = table.cos()[i];
            cosSin[2 * i + 1] = table.sin()[i];
        }
        return torch.view_as_complex(Tensor.create(cosSin, 1, positions.length, 1, table.pairs(), 2));
    }

    /** Matrices and embeddings, which decay. */
    List<Tensor> decaying() {
        return decaying;
    }

    /** Biases and layer-norm weights, which do not. */
    List<Tensor> others() {
        return others;
    }

    /**
     * The mean loss of a batch, a scalar.
     *
     * @param tokens [B, T] int64
     * @param targets [B * T] int64
     */
    Tensor loss(Tensor tokens, Tensor targets) {
        long batch = workload.batch();
        long length = workload.length();
        long width = workload.width();
        Tensor x = torch.embedding(tokenEmbedding, tokens);
        if (positionEmbedding != null) {
            x = x.add(positionEmbedding);
        }
        for (Block block : blocks) {
            Tensor attended = attention(products.linear(
                    norm(x, block.norm1, block.norm1Bias), block.qkv, new TensorOptional(block.qkvBias)));
            x = x.add(products.linear(attended, block.out, new TensorOptional(block.outBias)));
            Tensor inner = torch.gelu(
                    products.linear(norm(x, block.norm2, block.norm2Bias), block.fc, new TensorOptional(block.fcBias)),
                    "tanh");
            x = x.add(products.linear(inner, block.proj, new TensorOptional(block.projBias)));
        }
        Tensor logits = products.linear(
                norm(x, lastNorm, lastNormBias).view(batch * length, width), tokenEmbedding, new TensorOptional());
        return torch.cross_entropy_loss(logits, targets);
    }

    private Tensor norm(Tensor x, Tensor weight, Tensor bias) {
        return torch.layer_norm(
                x, new long[] {workload.width()}, new TensorOptional(weight), new TensorOptional(bias), epsilon, true);
    }

    /** @param qkv [B, T, 3C] */
    private Tensor attention(Tensor qkv) {
        long batch = workload.batch();
        long length = workload.length();
        long heads = workload.heads();
        long headWidth = workload.width() / heads;
        Tensor all = qkv.view(batch, length, 3 * heads, headWidth);
        Tensor query;
        Tensor key;
        if (rotation != null) {
            // Queries and keys lie side by side, so one product turns both.
            Tensor pairs =
                    torch.view_as_complex(all.narrow(2, 0, 2 * heads).view(batch, length, 2 * heads, headWidth / 2, 2));
            Tensor turned = torch.view_as_real(pairs.mul(rotation)).view(batch, length, 2 * heads, headWidth);
            query = turned.narrow(2, 0, heads);
            key = turned.narrow(2, heads, heads);
        } else {
            query = all.narrow(2, 0, heads);
            key = all.narrow(2, heads, heads);
        }
        Tensor value = all.narrow(2, 2 * heads, heads);
        Tensor attended = torch.scaled_dot_product_attention(
                query.transpose(1, 2),
                key.transpose(1, 2),
                value.transpose(1, 2),
                new TensorOptional(),
                0.0,
                true,
                new DoubleOptional(),
                false);
        return attended.transpose(1, 2).reshape(batch, length, workload.width());
    }
}

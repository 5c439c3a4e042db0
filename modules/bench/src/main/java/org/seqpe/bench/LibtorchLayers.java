package org.seqpe.bench;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layers in libtorch's eager mode, as its users write them: one fused operator for each. */
final class LibtorchLayers {
    private LibtorchLayers() {}

    /**
     * A layer norm.
     *
     * @param epsilon added to the variance
     */
    record Norm(Tensor weight, Tensor bias, double epsilon) {
        static Norm of(LibtorchWeights weights, String name, double epsilon) {
            return new Norm(weights.get(name + ".weight"), weights.get(name + ".bias"), epsilon);
        }

        Tensor apply(Tensor x) {
            return torch.layer_norm(
                    x,
                    new long[] {weight.size(0)},
                    new TensorOptional(weight),
                    new TensorOptional(bias),
                    epsilon,
                    true);
        }
    }

    /**
     * A linear layer with a bias.
     *
     * @param weight [out, in]
     */
    record Linear(Tensor weight, Tensor bias, LibtorchProducts products) {
        /** A layer whose matrix GPT-2 keeps as [in, out]. */
        static Linear transposed(LibtorchWeights weights, String name, LibtorchProducts products) {
            return new Linear(weights.transposed(name + ".weight"), weights.get(name + ".bias"), products);
        }

        static Linear of(LibtorchWeights weights, String name, LibtorchProducts products) {
            return new Linear(weights.get(name + ".weight"), weights.get(name + ".bias"), products);
        }

        Tensor apply(Tensor x) {
            return products.linear(x, weight, new TensorOptional(bias));
        }

        /** The layer that has only some of the outputs. */
        Linear outputs(long first, long count) {
            return new Linear(weight.narrow(0, first, count), bias.narrow(0, first, count), products);
        }
    }

    /**
     * Scaled-dot-product attention.
     *
     * @param query [B, T, H, D]; keys and values may be of another T
     * @return [B, T, C]
     */
    static Tensor attention(Tensor query, Tensor key, Tensor value, boolean causal) {
        Tensor attended = torch.scaled_dot_product_attention(
                query.transpose(1, 2),
                key.transpose(1, 2),
                value.transpose(1, 2),
                new TensorOptional(),
                0.0,
                causal,
                new DoubleOptional(),
                false);
        return attended.transpose(1, 2).reshape(query.size(0), query.size(1), query.size(2) * query.size(3));
    }
}

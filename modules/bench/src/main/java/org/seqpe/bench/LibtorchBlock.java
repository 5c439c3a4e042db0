package org.seqpe.bench;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.bench.LibtorchLayers.Linear;
import org.seqpe.bench.LibtorchLayers.Norm;

/**
 * A pre-norm block in libtorch, without its attention.
 *
 * @param gelu libtorch's name of the activation's form: tanh or none
 */
record LibtorchBlock(Norm norm1, Linear qkv, Linear out, Norm norm2, Linear fc, Linear proj, String gelu) {
    /**
     * @param prefix of the names of its parameters
     * @param norm name of its layer norms up to their number
     */
    static LibtorchBlock of(
            LibtorchWeights weights,
            String prefix,
            String norm,
            double epsilon,
            String gelu,
            LibtorchProducts products) {
        return new LibtorchBlock(
                Norm.of(weights, prefix + norm + 1, epsilon),
                Linear.transposed(weights, prefix + ".attn.c_attn", products),
                Linear.transposed(weights, prefix + ".attn.c_proj", products),
                Norm.of(weights, prefix + norm + 2, epsilon),
                Linear.transposed(weights, prefix + ".mlp.c_fc", products),
                Linear.transposed(weights, prefix + ".mlp.c_proj", products),
                gelu);
    }

    /** Queries, keys and values side by side, [..., 3C]. */
    Tensor project(Tensor x) {
        return qkv.apply(norm1.apply(x));
    }

    /** The rest of the block, after attention. */
    Tensor finish(Tensor x, Tensor attended) {
        Tensor middle = x.add(out.apply(attended));
        return middle.add(proj.apply(torch.gelu(fc.apply(norm2.apply(middle)), gelu)));
    }
}

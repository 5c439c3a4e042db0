package org.seqpe.bench;

import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * What computes libtorch's linear layers. This build has two libraries for float32 products: OpenBLAS, which it calls
 * unless told otherwise and which has threads of its own, and oneDNN, which uses libtorch's.
 *
 * <p>Scaled-dot-product attention calls OpenBLAS from every thread of libtorch, and waits for itself where OpenBLAS
 * then wants to start its own; and OpenBLAS's threads spin for a while after every product, in the way of libtorch's.
 * With oneDNN for the layers and one thread for OpenBLAS there is one pool of threads and both problems are gone.
 */
enum LibtorchProducts {
    /** The fastest arrangement found. */
    ONEDNN {
        @Override
        Tensor linear(Tensor x, Tensor weight, TensorOptional bias) {
            return torch.mkldnn_linear(x.to_mkldnn(), weight, bias).to_dense();
        }

        @Override
        int openBlasThreads(int threads) {
            return 1;
        }
    },
    /** Products and attention in bfloat16 by {@code torch.autocast("cpu")}, which takes oneDNN for them. */
    AUTOCAST {
        @Override
        Tensor linear(Tensor x, Tensor weight, TensorOptional bias) {
            return torch.linear(x, weight, bias);
        }

        @Override
        int openBlasThreads(int threads) {
            return 1;
        }
    },
    /** What a program gets that changes nothing. */
    OPENBLAS {
        @Override
        Tensor linear(Tensor x, Tensor weight, TensorOptional bias) {
            return torch.linear(x, weight, bias);
        }

        @Override
        int openBlasThreads(int threads) {
            return threads;
        }
    };

    /** x weight^T + bias. */
    abstract Tensor linear(Tensor x, Tensor weight, TensorOptional bias);

    /** How many threads OpenBLAS should have. */
    abstract int openBlasThreads(int threads);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

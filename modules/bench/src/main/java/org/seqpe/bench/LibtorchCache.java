package org.seqpe.bench;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Keys and values of the tokens that a model in libtorch has read: [B, H, capacity, D] for each layer. */
final class LibtorchCache {
    /** Keeps nothing. */
    static final LibtorchCache NONE = new LibtorchCache(List.of(), List.of());

    private final List<Tensor> keys;
    private final List<Tensor> values;
    private long length;

    private LibtorchCache(List<Tensor> keys, List<Tensor> values) {
        this.keys = keys;
        this.values = values;
    }

    /** @param capacity tokens of a text */
    LibtorchCache(TextWorkload workload, long capacity) {
        this(zeros(workload, capacity), zeros(workload, capacity));
    }

    private static List<Tensor> zeros(TextWorkload workload, long capacity) {
        int heads = workload.heads();
        return Stream.generate(() -> torch.zeros(workload.batch(), heads, capacity, workload.width() / heads))
                .limit(workload.layers())
                .toList();
    }

    /** Tokens that were read. */
    long length() {
        return length;
    }

    /** Counts further tokens, whose keys and values have been kept. */
    void grow(long tokens) {
        length += tokens;
    }

    /**
     * Keeps the keys of further tokens.
     *
     * @param fresh [B, T, H, D]
     * @return the keys of all tokens
     */
    Tensor keys(int layer, Tensor fresh) {
        return kept(keys, layer, fresh);
    }

    /** The same for values. */
    Tensor values(int layer, Tensor fresh) {
        return kept(values, layer, fresh);
    }

    private Tensor kept(List<Tensor> of, int layer, Tensor fresh) {
        if (of.isEmpty()) {
            return fresh;
        }
        of.get(layer).narrow(2, length, fresh.size(1)).copy_(fresh.transpose(1, 2));
        return of.get(layer).narrow(2, 0, length + fresh.size(1)).transpose(1, 2);
    }
}

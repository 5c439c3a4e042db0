package org.seqpe.bench;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.task.Tasks;

/** libtorch with keys and values in memory that is allocated once for all tokens. */
final class LibtorchDecoder implements Decoder {
    private final TextWorkload workload;
    private final LibtorchProducts products;
    private final LibtorchGpt model;

    LibtorchDecoder(TextWorkload workload, LibtorchWeights.Values values, LibtorchProducts products) {
        this.workload = workload;
        this.products = products;
        torch.set_num_threads(workload.threads());
        model = new LibtorchGpt(
                workload, new LibtorchWeights(ModelLayout.of(Tasks.spec(workload.runConfig())), values), products);
    }

    @Override
    public String name() {
        return "libtorch (" + products + ")";
    }

    @Override
    public void begin() {
        openblas_nolapack.blas_set_num_threads(products.openBlasThreads(workload.threads()));
    }

    @Override
    public int[][] generate(int[][] prompts, int newTokens) {
        int[][] found = new int[prompts.length][newTokens];
        try (PointerScope all = new PointerScope();
                InferenceMode inference = new InferenceMode()) {
            LibtorchCache cache = new LibtorchCache(workload, prompts[0].length + newTokens);
            int[] tokens = Arrays.stream(prompts).flatMapToInt(Arrays::stream).toArray();
            for (int i = 0; i < newTokens; i++) {
                tokens = next(tokens, prompts.length, cache);
                for (int b = 0; b < prompts.length; b++) {
                    found[b][i] = tokens[b];
                }
            }
        }
        return found;
    }

    private int[] next(int[] tokens, int texts, LibtorchCache cache) {
        try (PointerScope step = new PointerScope()) {
            Tensor next = model.next(LibtorchTensors.indices(tokens, texts, tokens.length / texts), cache);
            int[] values = new int[texts];
            next.to(torch.ScalarType.Int).data_ptr_int().get(values);
            return values;
        }
    }

    /** The process ends soon. */
    @Override
    public void close() {}
}

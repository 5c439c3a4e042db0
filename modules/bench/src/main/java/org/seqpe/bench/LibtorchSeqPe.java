package org.seqpe.bench;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.bench.LibtorchLayers.Linear;
import org.seqpe.core.config.RunConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.seqpe.PositionSampler;
import org.seqpe.model.seqpe.StepPositions;
import org.seqpe.model.task.Tasks;

/**
 * SeqPE in libtorch for one window of a Vision Transformer: the positions of a step, which are those that our side
 * draws, their vectors, which are multiplied into queries and keys of every layer, and both position losses.
 */
final class LibtorchSeqPe {
    private final ModelSpec spec;
    private final LibtorchPositionLosses losses;
    private final PositionSampler sampler;
    private final LibtorchEncoder encoder;
    private final Tensor classVector;
    private final List<Linear> projections;
    private final int[] firstPositions;
    private long steps;
    private StepPositions step;
    private Tensor vectors;

    LibtorchSeqPe(ImageWorkload workload, LibtorchWeights weights, LibtorchProducts products) {
        RunConfig config = workload.runConfig();
        spec = Tasks.spec(config);
        losses = new LibtorchPositionLosses(config.objective(), workload.heads());
        sampler = new PositionSampler(spec, config.objective(), config.seed(), 0);
        encoder = new LibtorchEncoder(spec, weights, products);
        classVector = weights.get("cls_token_pos_embed", 1, spec.positionWidth());
        projections = IntStream.range(0, workload.layers())
                .mapToObj(i -> Linear.of(weights, "transformer.h." + i + ".attn.pe_qk", products))
                .toList();
        firstPositions = spec.grid().positions();
    }

    /** Encodes the positions of the next training step, all in one pass. */
    void begin() {
        step = sampler.draw(steps++);
        StepPositions.Contrastive contrastive = step.contrastive();
        StepPositions.Transfer transfer = step.transfer();
        // Windows are never shifted here, but the sampler has room for those that are.
        vectors = encoder.encode(firstPositions, contrastive.pivots(), contrastive.candidates(), transfer.far());
    }

    /** The vectors of the step's window. */
    Tensor vectors() {
        return vectors.narrow(0, 0, spec.grid().size());
    }

    /** The weighted position losses of the step. */
    Tensor loss() {
        return losses.of(vectors, spec.grid().size(), step);
    }

    /** The vectors of the first window, for evaluation. */
    Tensor firstVectors() {
        return encoder.encode(firstPositions);
    }

    /** [T, C]: the class token's vector before those of the patches. */
    Tensor withClassToken(Tensor ofPatches) {
        return torch.cat(new TensorVector(classVector, ofPatches), 0);
    }

    /** A layer's factors of queries and keys, side by side [T, 2C]. */
    Tensor project(int layer, Tensor ofRows) {
        return projections.get(layer).apply(ofRows);
    }
}

package org.seqpe.bench;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.bench.LibtorchLayers.Linear;
import org.seqpe.bench.LibtorchLayers.Norm;
import org.seqpe.core.config.PositionConfig.Encoding;

/**
 * A Vision Transformer in libtorch's eager mode. Its patches are cut already, as ours are, so their embedding is a
 * matrix product and not a convolution. The last norm and the head see the class tokens only.
 */
final class LibtorchVit implements LibtorchModel {
    /** The encodings that it has. */
    static final Set<Encoding> ENCODINGS = Set.of(Encoding.SEQPE, Encoding.NONE);

    private static final long MEAN = 1;
    private static final long IGNORED_CLASS = -100;

    private final ImageWorkload workload;
    private final double smoothing;
    private final Tensor classToken;
    private final Linear patchEmbedding;
    private final List<LibtorchBlock> blocks;
    private final Norm lastNorm;
    private final Linear head;
    /** Null for the encoding none. */
    private final LibtorchSeqPe positions;

    LibtorchVit(ImageWorkload workload, LibtorchWeights weights, LibtorchProducts products) {
        this.workload = workload;
        smoothing = workload.runConfig().image().augment().labelSmoothing();
        double epsilon = workload.runConfig().model().layerNormEpsilon();
        classToken = weights.get("cls_token");
        patchEmbedding = new Linear(
                weights.get(
                        "patch_embed.proj.weight",
                        workload.width(),
                        workload.patches().elements()),
                weights.get("patch_embed.proj.bias"),
                products);
        blocks = IntStream.range(0, workload.layers())
                .mapToObj(i -> LibtorchBlock.of(weights, "transformer.h." + i, ".ln_", epsilon, "none", products))
                .toList();
        lastNorm = Norm.of(weights, "transformer.ln_f", epsilon);
        head = Linear.of(weights, "head", products);
        positions = workload.encoding() == Encoding.SEQPE ? new LibtorchSeqPe(workload, weights, products) : null;
    }

    @Override
    public Tensor trainingLoss(Batch batch) {
        Batch.Pictures pictures = (Batch.Pictures) batch;
        if (positions == null) {
            return mixedLoss(logits(pictures, null), pictures);
        }
        positions.begin();
        Tensor task = mixedLoss(logits(pictures, positions.vectors()), pictures);
        return task.add(positions.loss());
    }

    @Override
    public Tensor evaluationLoss(Batch batch) {
        Batch.Pictures pictures = (Batch.Pictures) batch;
        Tensor logits = logits(pictures, positions == null ? null : positions.firstVectors());
        return torch.cross_entropy_loss(logits, ids(pictures.classes()));
    }

    private Tensor mixedLoss(Tensor logits, Batch.Pictures pictures) {
        return smoothedLoss(logits, pictures.classes())
                .mul(new Scalar(pictures.share()))
                .add(smoothedLoss(logits, pictures.others()), new Scalar(1 - pictures.share()));
    }

    private Tensor smoothedLoss(Tensor logits, int[] classes) {
        return torch.cross_entropy_loss(logits, ids(classes), new TensorOptional(), MEAN, IGNORED_CLASS, smoothing);
    }

    private static Tensor ids(int[] classes) {
        return LibtorchTensors.indices(classes, classes.length);
    }

    /** @param vectors of the patches [T - 1, C], or null */
    private Tensor logits(Batch.Pictures pictures, Tensor vectors) {
        long batch = workload.batch();
        Tensor patches = Tensor.create(
                pictures.patches(), batch, workload.length(), workload.patches().elements());
        Tensor x = torch.cat(
                new TensorVector(classToken.expand(batch, 1, workload.width()), patchEmbedding.apply(patches)), 1);
        Tensor ofRows = vectors == null ? null : positions.withClassToken(vectors);
        for (int i = 0; i < blocks.size(); i++) {
            LibtorchBlock block = blocks.get(i);
            Tensor factors = ofRows == null ? null : positions.project(i, ofRows);
            x = block.finish(x, attention(block.project(x), factors));
        }
        return head.apply(lastNorm.apply(x.select(1, 0)));
    }

    /**
     * @param qkv [B, T, 3C]
     * @param factors of queries and keys [T, 2C], or null
     */
    private Tensor attention(Tensor qkv, Tensor factors) {
        long heads = workload.heads();
        long length = qkv.size(1);
        long headWidth = workload.width() / heads;
        Tensor all = qkv.view(workload.batch(), length, 3 * heads, headWidth);
        Tensor both = all.narrow(2, 0, 2 * heads);
        if (factors != null) {
            both = both.mul(factors.view(length, 2 * heads, headWidth));
        }
        return LibtorchLayers.attention(
                both.narrow(2, 0, heads), both.narrow(2, heads, heads), all.narrow(2, 2 * heads, heads), false);
    }
}

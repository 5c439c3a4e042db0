package org.seqpe.bench;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.seqpe.StepPositions;

/** SeqPE's contrastive and transfer losses in libtorch (method.md section 4), as the recipes have them: beta is 1. */
final class LibtorchPositionLosses {
    private final ObjectiveConfig config;
    private final long heads;

    LibtorchPositionLosses(ObjectiveConfig config, int heads) {
        this.config = config;
        this.heads = heads;
    }

    /**
     * The weighted sum of both losses.
     *
     * @param vectors of the own window, the pivots, the candidates and the far positions, [positions, W]
     * @param own positions of the own window
     */
    Tensor of(Tensor vectors, long own, StepPositions step) {
        StepPositions.Contrastive contrastive = step.contrastive();
        StepPositions.Transfer transfer = step.transfer();
        long pivots = contrastive.count();
        long candidates = pivots * contrastive.each();
        long far = (long) transfer.windows() * transfer.each();
        Tensor contrasted =
                contrastive(vectors.narrow(0, own, pivots), vectors.narrow(0, own + pivots, candidates), contrastive);
        Tensor transferred = transfer(
                vectors.narrow(0, 0, own).detach(), vectors.narrow(0, own + pivots + candidates, far), transfer);
        return contrasted
                .mul(new Scalar(config.contrastive().weight()))
                .add(transferred, new Scalar(config.transfer().weight()));
    }

    private static Tensor contrastive(Tensor pivots, Tensor candidates, StepPositions.Contrastive step) {
        long width = pivots.size(1);
        Tensor logits = torch.bmm(candidates.view(step.count(), step.each(), width), pivots.unsqueeze(2));
        return torch.cross_entropy_loss(
                logits.view(step.count(), step.each()), LibtorchTensors.indices(step.nearest(), step.count()));
    }

    /** Both directions of the divergence at once: (exp(A) - exp(S)) (A - S). */
    private Tensor transfer(Tensor own, Tensor far, StepPositions.Transfer step) {
        Tensor rows = torch.embedding(own, LibtorchTensors.indices(step.offsets(), step.offsets().length));
        Tensor teacher = relations(rows, step);
        Tensor student = relations(far, step);
        return teacher.exp().sub(student.exp()).mul(teacher.sub(student)).mean();
    }

    /** How the vectors of each window and head relate to each other, as log-probabilities [b, H, K, K]. */
    private Tensor relations(Tensor vectors, StepPositions.Transfer step) {
        Tensor parts = vectors.view(step.windows(), step.each(), heads, vectors.size(1) / heads)
                .transpose(1, 2);
        Tensor products = torch.matmul(parts, parts.transpose(2, 3));
        return torch.log_softmax(products.mul(new Scalar(config.transfer().logitScale())), -1);
    }
}

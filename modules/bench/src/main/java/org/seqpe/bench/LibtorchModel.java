package org.seqpe.bench;

import org.bytedeco.pytorch.Tensor;

/** A model in libtorch. */
interface LibtorchModel {
    /** What a training step descends, a scalar. */
    Tensor trainingLoss(Batch batch);

    /** The mean loss of the task alone, without label smoothing and mixtures, a scalar. */
    Tensor evaluationLoss(Batch batch);
}

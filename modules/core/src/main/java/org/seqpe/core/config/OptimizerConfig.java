package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.belowOne;
import static org.seqpe.core.config.Checks.notNegative;
import static org.seqpe.core.config.Checks.positive;
import static org.seqpe.core.config.Checks.share;

import java.io.Serializable;

/**
 * AdamW in PyTorch's form, clipping and schedule (method.md sections 4 and 8).
 *
 * @param learningRate peak rate
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the corrected second moment
 * @param weightDecay decay of the model's weight matrices
 * @param positionWeightDecay decay of the position encoder's weight matrices
 * @param decayPositionBiases the reference's quirk: decay the encoder's attention, MLP and output biases too
 * @param clip global norm bound of the model's gradients; 0 for none
 * @param positionClip the same for the position encoder, separately
 * @param schedule the course of the learning rate
 */
public record OptimizerConfig(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double positionWeightDecay,
        boolean decayPositionBiases,
        double clip,
        double positionClip,
        Schedule schedule)
        implements Serializable {
    public OptimizerConfig {
        positive("learning-rate", learningRate);
        belowOne("beta1", beta1);
        belowOne("beta2", beta2);
        positive("epsilon", epsilon);
        notNegative("weight-decay", weightDecay);
        notNegative("position-weight-decay", positionWeightDecay);
        notNegative("clip", clip);
        notNegative("position-clip", positionClip);
    }

    /**
     * The learning rate as a function of the step.
     *
     * @param shape after warmup
     * @param warmupSteps steps of linear rise from 0; the first step's rate is 0 if this is positive, as in the
     *     reference
     * @param finalShare rate at the last step as a share of the peak, for COSINE and LINEAR
     */
    public record Schedule(Shape shape, int warmupSteps, double finalShare) implements Serializable {
        public Schedule {
            atLeast("warmup-steps", warmupSteps, 0);
            share("final-share", finalShare);
        }

        /** The course of the learning rate after warmup. */
        public enum Shape {
            CONSTANT,
            LINEAR,
            COSINE
        }
    }
}

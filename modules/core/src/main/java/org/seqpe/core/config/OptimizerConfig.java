package org.seqpe.core.config;

/**
 * AdamW in PyTorch's form, clipping and schedule (method.md sections 4 and 8).
 *
 * @param learningRate peak rate
 * @param weightDecay  of the model's weight matrices
 * @param positionWeightDecay of the position encoder's
 * @param decayPositionBiases the reference's quirk: decay the encoder's attention, MLP and output biases too
 * @param clip         global norm bound of the model's gradients; 0 for none
 * @param positionClip the same for the position encoder, separately
 */
public record OptimizerConfig(double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double positionWeightDecay,
                              boolean decayPositionBiases, double clip, double positionClip, Schedule schedule) {

    /**
     * @param shape       after warmup
     * @param warmupSteps steps of linear rise from 0; the first step's rate is 0 where this is positive, as in the reference
     * @param finalShare  rate at the last step as a share of the peak, for COSINE and LINEAR
     */
    public record Schedule(Shape shape, int warmupSteps, double finalShare) {
        /** The course of the learning rate after warmup. */
        public enum Shape { CONSTANT, LINEAR, COSINE }
    }
}

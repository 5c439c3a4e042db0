package org.seqpe.model.dl4j;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.seqpe.compute.AdamWStep;

/**
 * AdamW's weight decay (Loshchilov and Hutter, arXiv 1711.05101): rate * decay * parameter becomes part of the step
 * that the updater has prepared.
 *
 * @param ranges which parts of the flat vector decay, and how much
 */
public record DecoupledWeightDecay(@JsonProperty("ranges") List<Range> ranges) implements Regularization {
    /**
     * @param offset first element
     * @param length elements
     * @param decay coefficient
     */
    public record Range(
            @JsonProperty("offset") long offset,
            @JsonProperty("length") long length,
            @JsonProperty("decay") double decay)
            implements java.io.Serializable {
        @JsonCreator
        public Range {}
    }

    @JsonCreator
    public DecoupledWeightDecay {
        ranges = List.copyOf(ranges);
    }

    @Override
    public ApplyStep applyStep() {
        return ApplyStep.POST_UPDATER;
    }

    @Override
    public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
        TrainingDevice.store()
                .decay(ranges.stream()
                        .map(range -> new AdamWStep.Decay(range.offset(), range.length(), range.decay()))
                        .toList());
    }

    /** Returns 0, because the decay is not part of the loss. */
    @Override
    public double score(INDArray param, int iteration, int epoch) {
        return 0;
    }

    /** Returns this object, which is immutable. */
    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod")
    public Regularization clone() {
        return this;
    }
}

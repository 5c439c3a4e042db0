package org.seqpe.model.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Adam in PyTorch's form as a DL4J updater. Its state holds all first moments, followed by all second moments. The
 * decoupled weight decay that makes it AdamW is in {@link DecoupledWeightDecay}, because DL4J passes parameters only to
 * regularizations.
 *
 * @param schedule the learning rate
 */
public record AdamW(
        @JsonProperty("schedule") ISchedule schedule,
        @JsonProperty("beta1") double beta1,
        @JsonProperty("beta2") double beta2,
        @JsonProperty("epsilon") double epsilon)
        implements IUpdater {
    /** Names of the two halves of the state. */
    static final String FIRST_MOMENT = "M";

    static final String SECOND_MOMENT = "V";

    @JsonCreator
    public AdamW {}

    @Override
    public long stateSize(long numParams) {
        return 2 * numParams;
    }

    @Override
    public GradientUpdater<AdamW> instantiate(INDArray viewArray, boolean initializeViewArray) {
        AdamWUpdater updater = new AdamWUpdater(this);
        updater.setStateViewArray(viewArray, viewArray.shape(), viewArray.ordering(), initializeViewArray);
        return updater;
    }

    @Override
    public GradientUpdater<AdamW> instantiate(Map<String, INDArray> updaterState, boolean initializeStateArrays) {
        AdamWUpdater updater = new AdamWUpdater(this);
        updater.setState(updaterState, initializeStateArrays);
        return updater;
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return schedule.valueAt(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return true;
    }

    /** @throws UnsupportedOperationException always: the schedule is part of the run's configuration */
    @Override
    public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
        throw new UnsupportedOperationException(
                "Cannot change the learning rate of a network: set optimizer.learning-rate in the configuration");
    }

    /** Returns this object, which is immutable. */
    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod")
    public IUpdater clone() {
        return this;
    }
}

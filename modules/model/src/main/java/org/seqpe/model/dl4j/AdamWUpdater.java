package org.seqpe.model.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.seqpe.compute.Device;

/** Turns the flat gradient into Adam's step with one kernel of the thread's device. */
final class AdamWUpdater implements GradientUpdater<AdamW> {
    private final AdamW config;
    private final FlatView gradientView = new FlatView();
    private final FlatView firstView = new FlatView();
    private final FlatView secondView = new FlatView();
    private INDArray firstMoment;
    private INDArray secondMoment;

    AdamWUpdater(AdamW config) {
        this.config = config;
    }

    @Override
    public AdamW getConfig() {
        return config;
    }

    @Override
    public void setState(Map<String, INDArray> stateMap, boolean initialize) {
        firstMoment = stateMap.get(AdamW.FIRST_MOMENT);
        secondMoment = stateMap.get(AdamW.SECOND_MOMENT);
        if (initialize) {
            firstMoment.assign(0);
            secondMoment.assign(0);
        }
    }

    @Override
    public Map<String, INDArray> getState() {
        return Map.of(AdamW.FIRST_MOMENT, firstMoment, AdamW.SECOND_MOMENT, secondMoment);
    }

    @Override
    public void setStateViewArray(INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
        INDArray flat = viewArray.reshape(viewArray.length());
        long half = flat.length() / 2;
        if (initialize) {
            flat.assign(0);
        }
        firstMoment = flat.get(NDArrayIndex.interval(0, half));
        secondMoment = flat.get(NDArrayIndex.interval(half, 2 * half));
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        Device device = TrainingDevice.current();
        // PyTorch counts the step from 1.
        device.adam(
                gradientView.of(gradient, device),
                firstView.of(firstMoment, device),
                secondView.of(secondMoment, device),
                config.getLearningRate(iteration, epoch),
                config.beta1(),
                config.beta2(),
                config.epsilon(),
                iteration + 1L);
    }
}

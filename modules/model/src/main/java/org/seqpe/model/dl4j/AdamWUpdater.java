package org.seqpe.model.dl4j;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.seqpe.compute.AdamWStep;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.nd4j.HostVectors;
import org.seqpe.model.params.ParameterStore;

/** Tells the store of the network that is trained what the optimizer's next step is. */
final class AdamWUpdater implements GradientUpdater<AdamW> {
    private final AdamW config;
    private INDArray firstMoment;
    private INDArray secondMoment;
    /** Both moments; the store shares this memory or mirrors it. */
    private HostVector moments;

    AdamWUpdater(AdamW config) {
        this.config = config;
    }

    @Override
    public AdamW getConfig() {
        return config;
    }

    @Override
    public void setState(Map<String, INDArray> stateMap, boolean initialize) {
        // Values are copied into the existing arrays, because the store works on their memory.
        firstMoment.assign(stateMap.get(AdamW.FIRST_MOMENT));
        secondMoment.assign(stateMap.get(AdamW.SECOND_MOMENT));
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
        moments = HostVectors.of(flat);
        firstMoment = flat.get(NDArrayIndex.interval(0, half));
        secondMoment = flat.get(NDArrayIndex.interval(half, 2 * half));
    }

    /** The store does the step when DL4J hands it over ({@link DeviceStep}); the given array is the store's. */
    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        ParameterStore store = TrainingDevice.store();
        store.useMoments(moments);
        // PyTorch counts the step from 1.
        store.prepareStep(new AdamWStep(
                config.getLearningRate(iteration, epoch),
                config.beta1(),
                config.beta2(),
                config.epsilon(),
                iteration + 1L,
                List.of()));
    }
}

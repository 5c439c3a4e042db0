package org.seqpe.model.dl4j;

import org.deeplearning4j.optimize.api.StepFunction;
import org.deeplearning4j.optimize.solvers.accumulation.GradientsAccumulator;
import org.deeplearning4j.optimize.solvers.accumulation.IndexedTail;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Makes DL4J leave the last part of an optimizer step, the subtraction from the parameters, to the device. With an
 * accumulator, DL4J hands over its step instead of subtracting it. So parameters can stay on the device for all steps
 * of a round.
 */
final class DeviceStep implements GradientsAccumulator {
    private static final long serialVersionUID = 1L;

    @Override
    public void applyUpdate(StepFunction function, INDArray params, INDArray updates, boolean isFinalStep) {
        TrainingDevice.store().takeStep();
    }

    @Override
    public void applyUpdate(StepFunction function, INDArray params, INDArray updates, double alpha) {
        throw new UnsupportedOperationException("Cannot scale a step: only gradient descent is used");
    }

    /** Does nothing: the step is already on the device. */
    @Override
    public void storeUpdate(INDArray array, int iterationNumber, int epochNumber) {}

    @Override
    public void receiveUpdate(INDArray array) {}

    @Override
    public void setExternalSource(IndexedTail source) {}

    @Override
    public IndexedTail getExternalSource() {
        return null;
    }

    @Override
    public void markExternalUpdates(boolean updatesAvailable) {}

    @Override
    public void reset() {}

    @Override
    public void touch() {}

    @Override
    public boolean hasAnything() {
        return false;
    }
}

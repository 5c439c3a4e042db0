package org.seqpe.spark.round;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.spark.vectors.FloatMemory;

/** The one DataSet that all steps of a task share: it is filled anew for each. */
public final class StepData {
    private final DataSet step;

    /**
     * @param rows samples of a step
     * @param features numbers of a sample's features
     * @param labels numbers of a sample's labels
     */
    public StepData(int rows, int features, int labels) {
        step = new DataSet(
                Nd4j.createUninitialized(DataType.FLOAT, rows, features),
                Nd4j.createUninitialized(DataType.FLOAT, rows, labels));
    }

    /**
     * Fills it with a step, whose arrays may change afterwards.
     *
     * @return the same object each time
     */
    public DataSet fill(float[] features, float[] labels) {
        fill(step.getFeatures(), features);
        fill(step.getLabels(), labels);
        return step;
    }

    private static void fill(INDArray target, float[] values) {
        new FloatMemory(target.reshape(1, target.length())).write(0, values.length, values);
    }
}

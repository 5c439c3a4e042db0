package org.seqpe.model;

import java.util.function.DoubleSupplier;
import org.seqpe.model.params.Parameters;

/** How a loss changes along a direction of the parameters, by its central difference of fourth order. */
final class LossSlope {
    private static final double STEP = 5e-3;

    private LossSlope() {}

    /**
     * The slope at the parameters' values, which are as before afterwards.
     *
     * @param direction of length 1
     * @param loss computes the loss with the values that the parameters have
     */
    static double along(Parameters parameters, float[] direction, DoubleSupplier loss) {
        float[] start = parameters.values().toArray();
        double near = at(parameters, start, direction, STEP, loss) - at(parameters, start, direction, -STEP, loss);
        double far =
                at(parameters, start, direction, 2 * STEP, loss) - at(parameters, start, direction, -2 * STEP, loss);
        parameters.values().upload(start);
        return (8 * near - far) / (12 * STEP);
    }

    private static double at(
            Parameters parameters, float[] start, float[] direction, double step, DoubleSupplier loss) {
        float[] moved = new float[start.length];
        for (int i = 0; i < start.length; i++) {
            moved[i] = (float) (start[i] + step * direction[i]);
        }
        parameters.values().upload(moved);
        return loss.getAsDouble();
    }

    /** The Euclidean length of a vector. */
    static double norm(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }
}

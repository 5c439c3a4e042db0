package org.seqpe.model.params;

import java.util.List;
import org.seqpe.compute.AdamWStep;
import org.seqpe.compute.Device;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Mirror;
import org.seqpe.compute.Tensor;

/**
 * The parameters, gradients and Adam's moments of a model on its device. A container owns flat vectors on the host,
 * which are synchronized at the start and end of a round: {@link #pull} copies the container's values to the device,
 * and {@link #push} copies the device's values back. On devices that compute in host memory, both are the same memory.
 */
public final class ParameterStore {
    private final Device device;
    private final Mirror values;
    private final Parameters parameters;
    private Mirror moments;
    private HostVector momentsVector;
    private AdamWStep prepared;
    private boolean takesWholeSteps;

    /**
     * A store over a container's vectors, which starts with their current values.
     *
     * @param values [layout.size()]
     * @param gradients of the same size, or null where nothing is trained; they are never copied
     */
    public ParameterStore(ParameterLayout layout, Device device, HostVector values, HostVector gradients) {
        this.device = device;
        this.values = new Mirror(values, device);
        this.values.pull();
        Tensor ours = gradients == null ? null : new Mirror(gradients, device).tensor();
        parameters = new Parameters(layout, this.values.tensor(), ours);
    }

    /** Values and gradients with their names. */
    public Parameters parameters() {
        return parameters;
    }

    /** The device that holds the store. */
    public Device device() {
        return device;
    }

    /** Whether the container's vectors are the same memory. */
    public boolean isShared() {
        return values.isShared();
    }

    /**
     * Sets the container's vector of moments: the first moments of all parameters, then the second ones. The first call
     * for a vector takes over its values.
     */
    public void useMoments(HostVector vector) {
        if (vector != momentsVector) {
            momentsVector = vector;
            moments = new Mirror(vector, device);
            moments.pull();
        }
    }

    /** Leaves whole steps to {@link #takeStep}, instead of the subtraction to the container. */
    public void takeWholeSteps() {
        takesWholeSteps = true;
    }

    /**
     * Says what the optimizer's next step is. If the container subtracts, the gradients become what it subtracts.
     *
     * @throws IllegalStateException if the step before was not taken
     */
    public void prepareStep(AdamWStep step) {
        if (!takesWholeSteps) {
            device.adam(step, parameters.gradients(), firstMoment(), secondMoment());
        } else if (prepared != null) {
            throw new IllegalStateException("Cannot prepare an optimizer step: the one before was not taken");
        }
        prepared = step;
    }

    /** Adds decays to the step that is prepared. */
    public void decay(List<AdamWStep.Decay> decays) {
        if (takesWholeSteps) {
            prepared = prepared.withDecays(decays);
        } else {
            device.addDecays(prepared.withDecays(decays), parameters.values(), parameters.gradients());
        }
    }

    /**
     * Updates values, moments and the operands of products by the step that was prepared.
     *
     * @throws IllegalStateException unless steps are left to this store
     */
    public void takeStep() {
        if (!takesWholeSteps) {
            throw new IllegalStateException("Cannot take an optimizer step: the container takes it");
        }
        device.adamW(
                prepared,
                parameters.values(),
                parameters.operands(),
                parameters.gradients(),
                firstMoment(),
                secondMoment());
        prepared = null;
    }

    /** Adam's m, [layout.size()]. */
    private Tensor firstMoment() {
        return moments.tensor().view(0, moments.tensor().size() / 2);
    }

    /** Adam's v, [layout.size()]. */
    private Tensor secondMoment() {
        return moments.tensor().from(moments.tensor().size() / 2);
    }

    /** Copies the container's values and moments to the device. */
    public void pull() {
        values.pull();
        parameters.valuesChanged();
        if (moments != null) {
            moments.pull();
        }
    }

    /** Copies the device's values and moments to the container. */
    public void push() {
        values.push();
        if (moments != null) {
            moments.push();
        }
    }
}

package org.seqpe.model.params;

import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.seqpe.compute.Device;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.core.random.RandomStream;

/** Values and gradients of all parameters: two flat vectors on a device, and their named views. */
public final class Parameters {
    /**
     * One named array.
     *
     * @param gradient null where the parameters are only read
     * @param operand the value as products read it: the same tensor, or a copy in the device's precision
     * @param addend the value as it is added to activations: the same tensor, or that copy
     */
    public record Weight(Tensor value, Tensor gradient, Tensor operand, Tensor addend) {}

    private final ParameterLayout layout;
    private final Tensor values;
    private final Tensor gradients;
    /** All values in the device's precision; the values themselves where that is float32. */
    private final Tensor operands;

    private final Map<String, Weight> weights = new HashMap<>();

    /**
     * @param values [layout.size()]
     * @param gradients of the same size, or null where nothing is trained
     */
    public Parameters(ParameterLayout layout, Tensor values, Tensor gradients) {
        requireSize(layout, values);
        if (gradients != null) {
            requireSize(layout, gradients);
        }
        this.layout = layout;
        this.values = values;
        this.gradients = gradients;
        Device device = values.device();
        operands =
                device.precision() == Precision.FLOAT32 ? values : device.allocate(device.precision(), values.size());
        boolean addsValues = device.activationPrecision() == Precision.FLOAT32;
        for (ParameterLayout.Entry entry : layout.entries()) {
            Tensor value = values.view(entry.offset(), entry.extents());
            Tensor operand = operands.view(entry.offset(), entry.extents());
            weights.put(
                    entry.name(),
                    new Weight(
                            value,
                            gradients == null ? null : gradients.view(entry.offset(), entry.extents()),
                            operand,
                            addsValues ? value : operand));
        }
        valuesChanged();
    }

    /**
     * Brings the copies that products read up to date. Whoever writes values calls this afterwards, once for all of
     * them.
     */
    public void valuesChanged() {
        if (operands != values) {
            values.device().copy(values, operands);
        }
    }

    /** New parameters with zero values and gradients. */
    public static Parameters allocate(ParameterLayout layout, Device device) {
        return new Parameters(layout, device.allocate(layout.size()), device.allocate(layout.size()));
    }

    public ParameterLayout layout() {
        return layout;
    }

    public Tensor values() {
        return values;
    }

    /** The flat gradient, or null where nothing is trained. */
    public Tensor gradients() {
        return gradients;
    }

    /** All values as products read them: the values themselves, or their copy in the device's precision. */
    Tensor operands() {
        return operands;
    }

    /** The gradients of one clipping group, or null where the model has no such part. */
    public Tensor gradients(ParameterLayout.Part part) {
        long size = layout.size(part);
        return size == 0 ? null : gradients.view(layout.offset(part), size);
    }

    /** @throws IllegalArgumentException if there is no such array */
    public Weight weight(String name) {
        Weight weight = weights.get(name);
        if (weight == null) {
            layout.entry(name);
        }
        return weight;
    }

    /**
     * Draws initial values. Each array has its own random stream derived from the seed, so it does not depend on which
     * other arrays exist: baselines with the same seed start with the same common weights.
     */
    public void initialize(long seed) {
        for (ParameterLayout.Entry entry : layout.entries()) {
            DoubleSupplier initial =
                    entry.initial().draw(RandomStream.of(seed, entry.name().hashCode()));
            float[] chunk = new float[(int) Math.min(entry.size(), 1 << 16)];
            for (long done = 0; done < entry.size(); done += chunk.length) {
                int count = (int) Math.min(chunk.length, entry.size() - done);
                for (int i = 0; i < count; i++) {
                    chunk[i] = (float) initial.getAsDouble();
                }
                values.upload(entry.offset() + done, chunk, 0, count);
            }
        }
        valuesChanged();
    }

    private static void requireSize(ParameterLayout layout, Tensor vector) {
        if (vector.size() != layout.size()) {
            throw new IllegalArgumentException(
                    "Cannot use a parameter vector: expected length " + layout.size() + ", found " + vector.size());
        }
    }
}

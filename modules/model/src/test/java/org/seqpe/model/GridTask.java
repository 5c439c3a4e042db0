package org.seqpe.model;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;

/**
 * The smallest task with positions on a grid: every cell holds a colour, and the model names the colour that each cell
 * should have. Attention sees all cells. It shows that nothing behind the task seam knows of text.
 *
 * @param classes colours
 * @param grid cells of a sample
 */
public record GridTask(int classes, Grid grid) implements Task {
    @Override
    public String name() {
        return "grid";
    }

    @Override
    public boolean causal() {
        return false;
    }

    @Override
    public int featureSize() {
        return grid.size();
    }

    @Override
    public int labelSize() {
        return grid.size();
    }

    @Override
    public void addInputParameters(ModelConfig config, ParameterLayout.Builder layout) {
        layout.group("colours")
                .add(
                        "grid.colours",
                        Part.MODEL,
                        Decay.ALWAYS,
                        InitialValues.normal(config.initStd()),
                        classes,
                        config.width());
    }

    @Override
    public void addHeadParameters(ModelConfig config, ParameterLayout.Builder layout) {
        layout.add(
                "grid.head", Part.MODEL, Decay.ALWAYS, InitialValues.normal(config.initStd()), classes, config.width());
    }

    @Override
    public long weight(float[] labels) {
        return labels.length;
    }

    @Override
    public TaskLayers open(Parameters parameters, Device device) {
        return new Layers(parameters, device);
    }

    private static final class Layers implements TaskLayers {
        private final Device device;
        private final Weight colours;
        private final Weight head;
        private final IntBuffer cells;
        private final IntBuffer labels;
        private final RowBuffer logits;
        private final RowBuffer losses;

        Layers(Parameters parameters, Device device) {
            this.device = device;
            colours = parameters.weight("grid.colours");
            head = parameters.weight("grid.head");
            cells = new IntBuffer(device);
            labels = new IntBuffer(device);
            logits = new RowBuffer(device, Math.toIntExact(head.value().rows()));
            losses = new RowBuffer(device, 1);
        }

        @Override
        public void begin(Samples samples) {
            int size = samples.features().length;
            cells.upload(ints(samples.features()), size);
            labels.upload(ints(samples.labels()), size);
        }

        private static int[] ints(float[] values) {
            int[] ints = new int[values.length];
            for (int i = 0; i < ints.length; i++) {
                ints[i] = (int) values[i];
            }
            return ints;
        }

        @Override
        public void input(Tensor target) {
            device.gather(cells.get(), colours.value(), target, false);
        }

        @Override
        public void lossAndGradient(Tensor hidden, float factor, Tensor dHidden, Doubles sums, int slot) {
            Tensor all = outputs(hidden);
            Tensor loss = losses.rows(Math.toIntExact(hidden.rows()));
            device.crossEntropy(all, labels.get(), 1, 0, true, factor, loss);
            device.sum(loss, sums, slot);
            device.matmul(all, false, head.value(), false, 1, 0, dHidden);
            device.matmul(all, true, hidden, false, 1, 1, head.gradient());
        }

        @Override
        public void inputBackward(Tensor dInput) {
            device.scatterAdd(cells.get(), dInput, colours.gradient());
        }

        @Override
        public Tensor outputs(Tensor hidden) {
            Tensor all = logits.rows(Math.toIntExact(hidden.rows()));
            device.matmul(hidden, false, head.value(), true, 1, 0, all);
            return all;
        }
    }
}

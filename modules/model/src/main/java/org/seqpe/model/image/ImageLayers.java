package org.seqpe.model.image;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Grid;
import org.seqpe.model.Samples;
import org.seqpe.model.TaskLayers;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;

/** The patch embedding with its class token, and the {@link ClassHead}. */
final class ImageLayers implements TaskLayers {
    private final ImageTask task;
    private final Device device;
    private final Weight classToken;
    private final Weight patchWeight;
    private final Weight patchBias;
    private final ClassHead head;
    private final int width;
    /** The patches of each picture behind a row of zeros, so that products give the class token's row nothing. */
    private final RowBuffer patches;

    private final RowBuffer operand;
    /** The class token and the bias of patches: what is added to the first row of a picture and to its others. */
    private final RowBuffer constants;

    private final IntBuffer constantIds;
    private final RowBuffer rowGradients;
    private int batch;
    private int length;
    private int preparedRows;
    private int preparedLength;

    ImageLayers(ImageTask task, Parameters parameters, Device device) {
        this.task = task;
        this.device = device;
        classToken = parameters.weight(ImageTask.CLASS_TOKEN);
        patchWeight = parameters.weight(ImageTask.PATCH_WEIGHT);
        patchBias = parameters.weight(ImageTask.PATCH_BIAS);
        head = new ClassHead(task, parameters, device);
        width = Math.toIntExact(patchBias.value().size());
        patches = RowBuffer.ofActivations(device, task.patches().elements());
        operand = RowBuffer.ofActivations(device, width);
        constants = new RowBuffer(device, width);
        constantIds = new IntBuffer(device);
        rowGradients = new RowBuffer(device, width);
    }

    @Override
    public void begin(Samples samples) {
        if (samples.labels() != null) {
            head.begin(samples.labels(), samples.firstSample() * ImageTask.LABEL_SIZE, samples.count());
        }
        begin(samples.features(), samples.firstSample(), samples.count(), task.grid());
    }

    /**
     * Takes pictures of any size, without labels.
     *
     * @param features patches of at least (first + count) pictures
     * @param grid patches of a picture
     */
    void begin(float[] features, int first, int count, Grid grid) {
        batch = count;
        length = grid.size() + task.leadingRows();
        int elements = task.patches().elements();
        int picture = grid.size() * elements;
        Tensor rows = patches.rows(batch * length);
        if (preparedRows != batch * length || preparedLength != length) {
            begin(rows);
        }
        for (int i = 0; i < count; i++) {
            long at = ((long) i * length + task.leadingRows()) * elements;
            rows.upload(at, features, (first + i) * picture, picture);
        }
    }

    /** Prepares for another shape of the pass: uploads fill all rows but those that must be 0. */
    private void begin(Tensor rows) {
        device.fill(rows, 0);
        preparedRows = batch * length;
        preparedLength = length;
        int[] ids = new int[preparedRows];
        for (int i = 0; i < preparedRows; i++) {
            ids[i] = i % length < task.leadingRows() ? 0 : 1;
        }
        constantIds.upload(ids, preparedRows);
    }

    @Override
    public void input(Tensor target) {
        device.linear(patches.rows(batch * length), matrix(patchWeight.operand()), true, null, target);
        Tensor both = constants.rows(2);
        device.copy(classToken.value(), both.rows(0, 1));
        device.copy(patchBias.value(), both.rows(1, 1));
        device.gather(constantIds.get(), both, target, true);
    }

    /** The weights of the convolution as a matrix [C, elements]. */
    private Tensor matrix(Tensor convolution) {
        return convolution.reshape(width, task.patches().elements());
    }

    @Override
    public void lossAndGradient(Tensor hidden, float factor, Tensor dHidden, Doubles sums, int slot) {
        head.lossAndGradient(hidden, factor, dHidden, sums, slot);
    }

    @Override
    public void inputBackward(Tensor dInput) {
        device.linearBackward(
                operand.inPrecision(dInput),
                patches.rows(batch * length),
                matrix(patchWeight.operand()),
                true,
                null,
                false,
                matrix(patchWeight.gradient()),
                null);
        Tensor ofRows = rowGradients.rows(length);
        device.fill(ofRows, 0);
        device.sumRows(dInput, ofRows);
        int leading = task.leadingRows();
        device.axpy(1, ofRows.firstRows(leading), classToken.gradient());
        device.sumRows(
                ofRows.rows(leading, length - leading), patchBias.gradient().reshape(1, width));
    }

    @Override
    public Tensor outputs(Tensor hidden) {
        return head.logits(hidden);
    }
}

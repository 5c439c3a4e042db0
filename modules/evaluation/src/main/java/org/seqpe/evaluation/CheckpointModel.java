package org.seqpe.evaluation;

import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Tensor;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.VectorFile;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.task.Tasks;

/** The model of a checkpoint, on a device of its own. Its parameters do not change. */
public final class CheckpointModel implements AutoCloseable {
    private final Device device;
    private final TaskModel model;

    private CheckpointModel(Device device, TaskModel model) {
        this.device = device;
        this.model = model;
    }

    /**
     * Loads a model.
     *
     * @param config of the run, with the vocabulary or the classes set
     * @param on what to compute on
     * @param file the checkpoint's {@link org.seqpe.core.run.Checkpoints#MODEL}
     * @throws UserException if the file does not hold the model that the configuration describes
     */
    public static CheckpointModel open(RunConfig config, DeviceSpec on, String file) {
        ModelSpec spec = Tasks.spec(config);
        Device device = Devices.create(on);
        try {
            ParameterLayout layout = ModelLayout.of(spec);
            Tensor values = device.allocate(layout.size());
            VectorFile.read(file, layout.arrays(), (offset, count, chunk) -> values.upload(offset, chunk, 0, count));
            return new CheckpointModel(
                    device, new TaskModel(spec, config.objective(), new Parameters(layout, values, null), device));
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    public TaskModel model() {
        return model;
    }

    /** Frees the model and its device. */
    @Override
    public void close() {
        device.close();
    }
}

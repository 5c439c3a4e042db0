package org.seqpe.evaluation.text;

import java.util.Optional;
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
import org.seqpe.model.text.LanguageModel;

/** Scores windows with the model of a checkpoint, on a device of its own. */
public final class CheckpointScorer implements TokenScorer {
    private final Device device;
    private final LanguageModelScorer scorer;

    private CheckpointScorer(Device device, LanguageModelScorer scorer) {
        this.device = device;
        this.scorer = scorer;
    }

    /** The same as the other {@code open}, on the driver's device. */
    public static CheckpointScorer open(RunConfig config, String file) {
        return open(config, DeviceSpec.ofDriver(config), file);
    }

    /**
     * Loads the model.
     *
     * @param config of the run, with the vocabulary set
     * @param on what to compute on
     * @param file the checkpoint's {@link org.seqpe.core.run.Checkpoints#MODEL}
     * @throws UserException if the file does not hold the model that the configuration describes
     */
    public static CheckpointScorer open(RunConfig config, DeviceSpec on, String file) {
        ModelSpec spec = Tasks.spec(config);
        Device device = Devices.create(on);
        try {
            ParameterLayout layout = ModelLayout.of(spec);
            Tensor values = device.allocate(layout.size());
            VectorFile.read(file, layout.arrays(), (offset, count, chunk) -> values.upload(offset, chunk, 0, count));
            return new CheckpointScorer(
                    device,
                    new LanguageModelScorer(new LanguageModel(
                            new TaskModel(spec, config.objective(), new Parameters(layout, values, null), device))));
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    @Override
    public float[][] score(int[][] windows, int length) {
        return scorer.score(windows, length);
    }

    @Override
    public Optional<String> refusal(int length) {
        return scorer.refusal(length);
    }

    @Override
    public int trainingLength() {
        return scorer.trainingLength();
    }

    @Override
    public String encoding() {
        return scorer.encoding();
    }

    @Override
    public void close() {
        scorer.close();
        device.close();
    }
}

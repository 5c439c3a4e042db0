package org.seqpe.bench;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.compute.cpu.runtime.Blas;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.model.dl4j.PendingReport;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.StepReport;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.model.image.ImageModel;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.text.LanguageModel;

/** This project's model on one of its devices, trained as Spark tasks train it: by DL4J's {@code fit} on a DataSet. */
public final class SeqPeSide implements Side {
    private final Workload workload;
    private final String name;
    private final Device device;
    private final MultiLayerNetwork network;

    SeqPeSide(Workload workload) {
        this(workload, "seqpe-spark");
    }

    SeqPeSide(Workload workload, String name) {
        this(workload, name, DeviceSpec.of(DeviceConfig.Kind.CPU, workload.threads()), null);
    }

    /**
     * A side on any device.
     *
     * @param values where the starting values come from; null for those that the model draws
     */
    public SeqPeSide(Workload workload, String name, DeviceSpec spec, StartingValues values) {
        this.workload = workload;
        this.name = name;
        device = Devices.create(spec);
        TrainingDevice.use(device);
        if (values == null) {
            network = SeqPeNetworks.create(workload.settings());
        } else {
            network = SeqPeNetworks.createUndrawn(workload.settings());
            Parameters parameters = model().parameters();
            for (ParameterLayout.Entry entry : parameters.layout().entries()) {
                parameters.weight(entry.name()).value().upload(values.of(entry));
            }
            // DL4J's first step begins with the values of its own vectors.
            push();
        }
    }

    /** Makes the starting values of an array of parameters. */
    public interface StartingValues {
        /** As many values as the array has. */
        float[] of(ParameterLayout.Entry entry);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void begin() {
        Blas.useCallingThreadOnly();
        TrainingDevice.use(device);
    }

    /** The values of a parameter, in our shape. */
    float[] values(String name) {
        return model().parameters().weight(name).value().toArray();
    }

    /** All parameters, as the device has them now. */
    public float[] parameters() {
        return model().parameters().values().toArray();
    }

    /** The model on the side's device. */
    public TaskModel model() {
        return SeqPeNetworks.layer(network).model();
    }

    public Device device() {
        return device;
    }

    /** Copies parameters and moments from DL4J's vectors to the device, as at the start of a round. */
    public void pull() {
        SeqPeNetworks.layer(network).pull();
    }

    /** Copies parameters and moments from the device to DL4J's vectors, as at the end of a round. */
    public void push() {
        SeqPeNetworks.layer(network).push();
    }

    /** A training step, whose losses the caller reads before the step after the next one: as Spark tasks train. */
    public PendingReport start(Batch batch) {
        network.fit(new DataSet(matrix(batch.features()), matrix(batch.labels())));
        return SeqPeNetworks.layer(network).pendingReport();
    }

    /** What the last step computed, the losses of positions too. */
    public StepReport report() {
        return SeqPeNetworks.layer(network).report();
    }

    @Override
    public Step train(Batch batch) {
        StepReport report = start(batch).read();
        double[] norms = model().spec().isSeqPe()
                ? new double[] {report.modelNorm(), report.positionNorm()}
                : new double[] {report.modelNorm()};
        return new Step(report.losses().total(), norms);
    }

    /** Our norms are in double precision. */
    @Override
    public Step trainExactly(Batch batch) {
        return train(batch);
    }

    /** One row a sample. */
    private INDArray matrix(float[] values) {
        return Nd4j.create(values, workload.batch(), values.length / workload.batch());
    }

    @Override
    public double evaluate(Batch batch) {
        return workload instanceof ImageWorkload images
                ? evaluate(images, (Batch.Pictures) batch)
                : evaluate((TextWorkload) workload, (Batch.Tokens) batch);
    }

    private double evaluate(TextWorkload texts, Batch.Tokens batch) {
        float[] losses = new LanguageModel(model())
                .losses(batch.tokens(), batch.targets(), texts.batch(), texts.length(), texts.length());
        double sum = 0;
        for (int i = 0; i < batch.tokens().length; i++) {
            sum += losses[i];
        }
        return sum / batch.tokens().length;
    }

    private double evaluate(ImageWorkload images, Batch.Pictures batch) {
        float[] logits = new ImageModel(model())
                .logits(batch.pictures(), images.batch(), images.resolution(), images.resolution())
                .toArray();
        double sum = 0;
        for (int i = 0; i < images.batch(); i++) {
            int first = i * images.classes();
            double exponentials = 0;
            for (int k = 0; k < images.classes(); k++) {
                exponentials += Math.exp(logits[first + k]);
            }
            sum += Math.log(exponentials) - logits[first + batch.classes()[i]];
        }
        return sum / images.batch();
    }

    @Override
    public Phases phases(Batch batch) {
        return profile(() -> train(batch)).phases();
    }

    /** Runs one more step on a device that measures each kernel. */
    public KernelClock profile(Runnable step) {
        KernelClock clock = new KernelClock(device);
        // Another device starts with the values of DL4J's vectors.
        push();
        TrainingDevice.use(clock.device());
        // The model's buffers are made anew for another device: not in the step that is measured.
        step.run();
        device.synchronize();
        clock.start();
        step.run();
        clock.stop();
        push();
        TrainingDevice.use(device);
        return clock;
    }

    @Override
    public void close() {
        device.close();
    }
}

package org.seqpe.bench;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.bench.Workload.Batch;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.compute.cpu.runtime.Blas;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.StepReport;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.text.LanguageModel;

/** This project's model on its CPU device, trained as Spark tasks train it: by DL4J's {@code fit} on a DataSet. */
final class SeqPeSide implements Side {
    private final Workload workload;
    private final String name;
    private final Device device;
    private final MultiLayerNetwork network;

    SeqPeSide(Workload workload) {
        this(workload, "seqpe-spark");
    }

    SeqPeSide(Workload workload, String name) {
        this.workload = workload;
        this.name = name;
        device = new CpuDevice(workload.threads());
        TrainingDevice.use(device);
        network = SeqPeNetworks.create(workload.settings());
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

    private TaskModel model() {
        return SeqPeNetworks.layer(network).model();
    }

    @Override
    public Step train(Batch batch) {
        network.fit(new DataSet(array(batch.tokens()), array(batch.targets())));
        StepReport report = SeqPeNetworks.layer(network).report();
        return new Step(report.losses().task(), Math.hypot(report.modelNorm(), report.positionNorm()));
    }

    /** Our norm is in double precision. */
    @Override
    public Step trainExactly(Batch batch) {
        return train(batch);
    }

    private INDArray array(int[] ids) {
        float[] values = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            values[i] = ids[i];
        }
        return Nd4j.create(values, workload.batch(), workload.length());
    }

    @Override
    public double evaluate(Batch batch) {
        float[] losses = new LanguageModel(model())
                .losses(batch.tokens(), batch.targets(), workload.batch(), workload.length(), workload.length());
        double sum = 0;
        for (int i = 0; i < batch.tokens().length; i++) {
            sum += losses[i];
        }
        return sum / batch.tokens().length;
    }

    @Override
    public Phases phases(Batch batch) {
        return profile(() -> train(batch)).phases();
    }

    /** Runs one more step on a device that measures each kernel. */
    KernelClock profile(Runnable step) {
        KernelClock clock = new KernelClock(device);
        TrainingDevice.use(clock.device());
        // The model's buffers are made anew for another device: not in the step that is measured.
        step.run();
        clock.start();
        step.run();
        clock.stop();
        TrainingDevice.use(device);
        return clock;
    }

    @Override
    public void close() {
        device.close();
    }
}

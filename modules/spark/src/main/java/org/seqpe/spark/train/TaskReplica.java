package org.seqpe.spark.train;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.model.dl4j.PendingReport;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.StepReport;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.spark.cluster.TaskDevice;
import org.seqpe.spark.round.Replica;

/** A model of any task in an executor, on a device of its own. */
final class TaskReplica implements Replica {
    private final DeviceConfig config;
    private final String address;
    private final Device device;
    private final MultiLayerNetwork network;

    TaskReplica(RunConfig config, int replica) {
        this.config = config.device();
        address = TaskDevice.address(config.device());
        device = Devices.create(TaskDevice.spec(config.device()));
        network = SeqPeNetworks.create(config);
        SeqPeNetworks.layer(network).setReplica(replica);
    }

    @Override
    public MultiLayerNetwork network() {
        return network;
    }

    /** Spark may assign another device to the next task of the same replica. */
    @Override
    public boolean fitsThisTask() {
        return address.equals(TaskDevice.address(config));
    }

    /** Copies the round's starting parameters and moments to the device. */
    @Override
    public void begin() {
        SeqPeNetworks.layer(network).pull();
    }

    /** Copies the round's resulting parameters and moments back from the device. */
    @Override
    public void end() {
        SeqPeNetworks.layer(network).push();
    }

    @Override
    public String matrixUnit() {
        return device.matrixUnit();
    }

    @Override
    public String address() {
        return address;
    }

    /** Networks compute on the device of the thread, and each task has another thread. */
    @Override
    public void attach() {
        device.attach();
        TrainingDevice.use(device);
    }

    @Override
    public void detach() {
        TrainingDevice.use(null);
    }

    /**
     * The task's loss, as validation measures it, the other losses in the total, and the gradients' norms before
     * clipping.
     */
    @Override
    public Supplier<Map<String, Double>> measures() {
        PendingReport pending = SeqPeNetworks.layer(network).pendingReport();
        return () -> measures(pending.read());
    }

    private static Map<String, Double> measures(StepReport report) {
        Map<String, Double> measures = new TreeMap<>();
        measures.put(LOSS, report.losses().task());
        putFinite(measures, "contrastive_loss", report.losses().contrastive());
        putFinite(measures, "transfer_loss", report.losses().transfer());
        measures.put("total_loss", report.losses().total());
        measures.put("gradient_norm", report.modelNorm());
        measures.put("position_gradient_norm", report.positionNorm());
        return measures;
    }

    /** NaN where the run does not have the loss, and the transfer loss also in steps whose windows are shifted. */
    private static void putFinite(Map<String, Double> measures, String name, double value) {
        if (Double.isFinite(value)) {
            measures.put(name, value);
        }
    }
}

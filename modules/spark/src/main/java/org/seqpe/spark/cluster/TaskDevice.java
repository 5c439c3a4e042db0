package org.seqpe.spark.cluster;

import java.util.Arrays;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;

/** The device of the task that runs on this thread: the address that Spark assigned to it, one device a replica. */
public final class TaskDevice {
    /**
     * Spark's name for GPUs. Resources of another name need not be any, so that devices of processors may ignore them.
     */
    private static final String GPU = "gpu";

    private TaskDevice() {}

    /**
     * The address; empty where neither Spark nor the configuration names one.
     *
     * @throws UserException where Spark assigned none of several, or another than the configuration names, or a GPU
     *     that nothing here would use
     */
    public static String address(DeviceConfig config) {
        ResourceInformation assigned = TaskContext.get().resourcesJMap().get(config.resource());
        if (assigned == null) {
            if (!config.address().isEmpty() && isUnusedHere(config)) {
                throw unusedGpu(config, "device.address = " + config.address() + " names one");
            }
            return config.address();
        }
        if (isUnusedHere(config)) {
            throw unusedGpu(
                    config, "Spark assigned " + GPU + " " + Arrays.toString(assigned.addresses()) + " to a task");
        }
        String[] addresses = assigned.addresses();
        if (addresses.length != 1) {
            throw new UserException("Cannot choose a device: expected one " + config.resource() + " a task, found "
                    + Arrays.toString(addresses) + "; " + amountKey(config)
                    + " must be 1, because a replica computes on one device.");
        }
        if (!config.address().isEmpty() && !config.address().equals(addresses[0])) {
            throw new UserException(
                    "Cannot use device.address = " + config.address() + ": Spark assigned " + config.resource() + " "
                            + addresses[0] + " to a task. Leave device.address empty where Spark assigns devices.");
        }
        return addresses[0];
    }

    /**
     * Checks the device settings; called on the driver before a task asks for its device.
     *
     * @throws UserException where Spark would give two tasks the same device, or a task several, or where a GPU is
     *     named and nothing would use it
     */
    public static void requireOneEach(SparkConf spark, DeviceConfig config) {
        double amount = spark.getDouble(amountKey(config), 1);
        if (amount != 1) {
            throw new UserException("Cannot place replicas: expected " + amountKey(config) + " = 1, found " + amount
                    + "; a replica computes on one device of its own.");
        }
        if (computesElsewhere(config)
                && (spark.contains(amountKey(config)) || !config.address().isEmpty())) {
            throw unusedGpu(
                    config,
                    config.address().isEmpty()
                            ? amountKey(config) + " asks for one"
                            : "device.address = " + config.address() + " names one");
        }
    }

    /** Whether the configuration asks for a device that is no GPU, whatever a machine has. */
    private static boolean computesElsewhere(DeviceConfig config) {
        return config.resource().equals(GPU)
                && (config.kind() == DeviceConfig.Kind.CPU
                        || (config.kind() == DeviceConfig.Kind.ND4J && !InstalledBackend.isCuda()));
    }

    /**
     * Whether a GPU would stand idle on this machine. Where CUDA is asked for by name, making the device says what is
     * missing.
     */
    private static boolean isUnusedHere(DeviceConfig config) {
        return computesElsewhere(config)
                || (config.resource().equals(GPU)
                        && config.kind() == DeviceConfig.Kind.AUTO
                        && !InstalledBackend.isCuda()
                        && Devices.refusal(DeviceConfig.Kind.CUDA).isPresent());
    }

    /** @param found in words: a whole sentence without its full stop */
    private static UserException unusedGpu(DeviceConfig config, String found) {
        return new UserException("Cannot compute on a GPU: " + found + ", but "
                + (computesElsewhere(config)
                        ? "device.kind = " + config.kind()
                                + " computes on the processor. Set it to cuda or auto, or ask for no GPU."
                        : "it cannot be used here: "
                                + Devices.refusal(DeviceConfig.Kind.CUDA).orElse("") + " Or ask for no GPU."));
    }

    /** Threads that the task computes with: as configured, otherwise the cores that Spark gives it. */
    public static int threads(DeviceConfig config) {
        return config.threads() > 0 ? config.threads() : TaskContext.get().cpus();
    }

    private static String amountKey(DeviceConfig config) {
        return "spark.task.resource." + config.resource() + ".amount";
    }

    /** The device and threads that the task on this thread computes with. */
    public static DeviceSpec spec(DeviceConfig config) {
        return DeviceSpec.of(config, threads(config)).at(address(config));
    }
}

package org.seqpe.model.dl4j;

import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.model.params.ParameterStore;

/**
 * The device that networks of the current thread compute on. A network's configuration says what is computed, not on
 * what: the same network may run on a CPU here and on a GPU there.
 */
public final class TrainingDevice {
    private static final ThreadLocal<Device> CURRENT = new ThreadLocal<>();

    private static final ThreadLocal<ParameterStore> STORE = new ThreadLocal<>();

    private TrainingDevice() {}

    /** Makes networks that first compute on this thread from now on use the device; null goes back to the default. */
    public static void use(Device device) {
        if (device == null) {
            CURRENT.remove();
            STORE.remove();
        } else {
            CURRENT.set(device);
        }
    }

    /**
     * The thread's device; where none was named, the best one of this machine with all its cores, made on first use.
     */
    public static Device current() {
        Device device = CURRENT.get();
        if (device == null) {
            device = Devices.create(DeviceConfig.Kind.AUTO, Runtime.getRuntime().availableProcessors());
            CURRENT.set(device);
        }
        return device;
    }

    /** Names the store whose gradients the thread has just made: what DL4J's updater then works on. */
    static void train(ParameterStore store) {
        STORE.set(store);
    }

    /** The store whose gradients the thread has just made. */
    static ParameterStore store() {
        ParameterStore store = STORE.get();
        if (store == null) {
            throw new IllegalStateException("Cannot update parameters: expected a backward pass on this thread before");
        }
        return store;
    }
}

package org.seqpe.model.dl4j;

import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.model.params.ParameterStore;

/**
 * The device that networks of the current thread compute on. A network's configuration does not name a device: the same
 * network may run on a CPU on one machine and on a GPU on another.
 */
public final class TrainingDevice {
    private static final ThreadLocal<Device> CURRENT = new ThreadLocal<>();

    private static final ThreadLocal<ParameterStore> STORE = new ThreadLocal<>();

    private TrainingDevice() {}

    /** Sets the device of networks that first compute on this thread from now on; null restores the default. */
    public static void use(Device device) {
        if (device == null) {
            CURRENT.remove();
            STORE.remove();
        } else {
            CURRENT.set(device);
        }
    }

    /**
     * The thread's device. Where none was set, it is the best device of this machine with all its cores, created on
     * first use.
     */
    public static Device current() {
        Device device = CURRENT.get();
        if (device == null) {
            device = Devices.create(DeviceConfig.Kind.AUTO, Runtime.getRuntime().availableProcessors());
            CURRENT.set(device);
        }
        return device;
    }

    /** Sets the store whose gradients the thread has just computed; DL4J's updater works on it next. */
    static void train(ParameterStore store) {
        STORE.set(store);
    }

    /** The store whose gradients the thread has just computed. */
    static ParameterStore store() {
        ParameterStore store = STORE.get();
        if (store == null) {
            throw new IllegalStateException("Cannot update parameters: expected a backward pass on this thread before");
        }
        return store;
    }
}

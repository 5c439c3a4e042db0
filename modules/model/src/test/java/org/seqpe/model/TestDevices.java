package org.seqpe.model;

import java.util.function.Consumer;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;

/** Every device that this machine has, through the providers on the class path: a model test holds on all of them. */
public final class TestDevices {
    private static final int THREADS = 2;

    private TestDevices() {}

    /** Runs a check on each device in turn; a failure names the device. */
    public static void each(Consumer<Device> check) {
        for (DeviceProvider provider : Devices.providers()) {
            if (provider.refusal().isPresent()) {
                continue;
            }
            try (Device device = provider.create(DeviceSpec.of(provider.kind(), THREADS))) {
                try {
                    check.accept(device);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("on device " + device.name() + ": " + e.getMessage(), e);
                }
            }
        }
    }
}

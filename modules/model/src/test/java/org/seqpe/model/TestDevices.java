package org.seqpe.model;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.compute.nd4j.Nd4jDevice;

/** Every device a model test should hold on. */
public final class TestDevices {
    private static final List<Supplier<Device>> ALL = List.of(Nd4jDevice::new, () -> new CpuDevice(2));

    private TestDevices() {}

    /** Runs a check on each device in turn; a failure names the device. */
    public static void each(Consumer<Device> check) {
        for (Supplier<Device> supplier : ALL) {
            try (Device device = supplier.get()) {
                try {
                    check.accept(device);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("on device " + device.name() + ": " + e.getMessage(), e);
                }
            }
        }
    }
}

package org.seqpe.model;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.compute.cpu.bfloat16.MatrixUnit;
import org.seqpe.compute.cuda.EmulatedCuda;
import org.seqpe.compute.cuda.driver.Gpus;

/**
 * Every device that this machine has, through the providers on the class path: a model test holds on all of them. A
 * machine without a GPU has an emulated one. {@code -Dseqpe.test.devices=cuda} leaves the devices of other kinds out;
 * several names are separated by commas.
 */
public final class TestDevices {
    private static final int THREADS = 2;

    private static final Set<String> WANTED = Stream.of(
                    System.getProperty("seqpe.test.devices", "").split(","))
            .map(name -> name.strip().toUpperCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());

    private TestDevices() {}

    /**
     * Runs a check on each device in turn; a failure names the device.
     *
     * @throws IllegalStateException if a device that was asked for by name cannot be had
     */
    public static void each(Consumer<Device> check) {
        each(Precision.FLOAT32, check);
    }

    /** The same with products in bfloat16: on every device that has them, and in emulation. */
    public static void eachOfBfloat16(Consumer<Device> check) {
        each(Precision.BFLOAT16, check);
        if (CpuDevice.unsupportedReason().isEmpty() && (WANTED.isEmpty() || WANTED.contains("CPU"))) {
            run(new CpuDevice(THREADS, MatrixUnit.EMULATION), check);
        }
    }

    private static void each(Precision precision, Consumer<Device> check) {
        boolean emulated = !Gpus.hasDriver() && EmulatedCuda.isAvailable();
        if (emulated) {
            EmulatedCuda.start();
        }
        try {
            eachOf(precision, check);
        } finally {
            if (emulated) {
                EmulatedCuda.stop();
            }
        }
    }

    /** Runs a check on each device but an emulated one, which takes too long for it. */
    public static void eachOfThisMachine(Consumer<Device> check) {
        eachOf(Precision.FLOAT32, check);
    }

    private static void eachOf(Precision precision, Consumer<Device> check) {
        for (DeviceProvider provider : Devices.providers()) {
            boolean named = WANTED.contains(provider.kind().name());
            Optional<String> refusal = provider.refusal();
            if (named && refusal.isPresent()) {
                throw new IllegalStateException("Cannot test on the device " + provider.kind() + ": " + refusal.get());
            }
            if (refusal.isEmpty()
                    && (named || WANTED.isEmpty())
                    && provider.precisions().contains(precision)) {
                run(provider.create(new DeviceSpec(provider.kind(), "", THREADS, precision, true)), check);
            }
        }
    }

    private static void run(Device opened, Consumer<Device> check) {
        try (Device device = opened) {
            check.accept(device);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("on device " + opened.name() + ": " + e.getMessage(), e);
        }
    }
}

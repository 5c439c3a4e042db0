package org.seqpe.compute;

import org.seqpe.core.config.DeviceConfig;
import org.seqpe.core.config.RunConfig;

/**
 * Which device is wanted.
 *
 * @param kind of the device; AUTO lets {@link Devices} choose
 * @param address which of several devices of that kind, such as the number of a GPU; empty for the first
 * @param threads that it computes with on the processor; 0 for as many as the JVM sees processors
 * @param precision of the operands of products, and of activations where the device stores them so
 * @param emulates whether a processor without a unit for the precision computes it slowly, instead of being refused
 */
public record DeviceSpec(DeviceConfig.Kind kind, String address, int threads, Precision precision, boolean emulates) {
    public DeviceSpec {
        if (threads < 0) {
            throw new IllegalArgumentException("Cannot make a device: expected 0 or more threads, found " + threads);
        }
    }

    /** A device of float32 numbers on this many threads, at no particular address. */
    public static DeviceSpec of(DeviceConfig.Kind kind, int threads) {
        return new DeviceSpec(kind, "", threads, Precision.FLOAT32, false);
    }

    /** What a configuration asks for, on this many threads. */
    public static DeviceSpec of(DeviceConfig config, int threads) {
        Precision precision =
                switch (config.precision()) {
                    case FLOAT32 -> Precision.FLOAT32;
                    case BF16 -> Precision.BFLOAT16;
                };
        boolean emulates = config.precisionFallback() == DeviceConfig.PrecisionFallback.EMULATE;
        return new DeviceSpec(config.kind(), config.address(), threads, precision, emulates);
    }

    /** What a run's driver computes on. */
    public static DeviceSpec ofDriver(RunConfig config) {
        DeviceConfig driver = config.driverDevice();
        return of(driver, driver.threads());
    }

    /** The same device at another address. */
    public DeviceSpec at(String newAddress) {
        return new DeviceSpec(kind, newAddress, threads, precision, emulates);
    }

    /** The threads with their default filled in. */
    public int resolvedThreads() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }
}

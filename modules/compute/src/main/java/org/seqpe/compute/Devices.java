package org.seqpe.compute;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.compute.nd4j.InstalledBackend;
import org.seqpe.compute.nd4j.Nd4jDevice;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the device that the configuration asks for. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private Devices() {}

    /**
     * A new device, which the caller closes. AUTO is the GPU in an installation with ND4J's CUDA backend. Elsewhere it
     * is the CPU device where it can run; where it cannot, the ND4J device, with one warning a process.
     *
     * @param threads threads to compute with; 0 for as many as the JVM sees processors
     * @throws UserException if the CPU device or the GPU is asked for by name where it cannot be, and where the
     *     installed backend cannot run on this machine
     */
    public static Device create(DeviceConfig.Kind kind, int threads) {
        if (threads < 0) {
            throw new IllegalArgumentException("Cannot make a device: expected 0 or more threads, found " + threads);
        }
        int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        boolean cuda = InstalledBackend.isCuda();
        if (kind == DeviceConfig.Kind.CUDA && !cuda) {
            throw new UserException(
                    "Cannot use the device CUDA: expected a distribution with ND4J's CUDA backend, found one that computes on the processor; "
                            + "build it with the profile cuda (docs/devices.md), or choose the device AUTO.");
        }
        if (kind != DeviceConfig.Kind.CPU) {
            InstalledBackend.requireUsable();
        }
        return switch (kind) {
            case ND4J, CUDA -> new Nd4jDevice(count);
            case CPU -> {
                CpuDevice.unsupportedReason().ifPresent(reason -> {
                    throw new UserException(
                            "Cannot use the device CPU: " + reason + "; or choose the device ND4J or AUTO");
                });
                yield new CpuDevice(count);
            }
            case AUTO -> {
                if (cuda) {
                    yield new Nd4jDevice(count);
                }
                Optional<String> reason = CpuDevice.unsupportedReason();
                if (reason.isPresent() && !WARNED.getAndSet(true)) {
                    LOG.warn(
                            "Computing with plain ND4J operations, many times slower than the CPU kernels: {}",
                            reason.get());
                }
                yield reason.isPresent() ? new Nd4jDevice(count) : new CpuDevice(count);
            }
        };
    }
}

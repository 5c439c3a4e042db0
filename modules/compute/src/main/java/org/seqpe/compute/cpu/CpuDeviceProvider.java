package org.seqpe.compute.cpu;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Precision;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.compute.cpu.bfloat16.MatrixUnit;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;

/** The fused CPU kernels. A distribution for ND4J's CUDA backend computes on the GPU alone. */
public final class CpuDeviceProvider implements DeviceProvider {
    @Override
    public DeviceConfig.Kind kind() {
        return DeviceConfig.Kind.CPU;
    }

    @Override
    public int preference() {
        return 20;
    }

    @Override
    public Optional<String> refusal() {
        if (InstalledBackend.isCuda()) {
            return Optional.of(
                    "expected a distribution that computes on the processor, found one for ND4J's CUDA backend; use a distribution without the"
                            + " profile nd4j-cuda (docs/devices.md), or choose the device CUDA or AUTO");
        }
        return CpuSupport.unsupportedReason().map(reason -> reason + "; or choose the device ND4J or AUTO");
    }

    @Override
    public Set<Precision> precisions() {
        return EnumSet.allOf(Precision.class);
    }

    @Override
    public Device create(DeviceSpec spec) {
        return spec.precision() == Precision.FLOAT32
                ? new CpuDevice(spec.resolvedThreads())
                : new CpuDevice(spec.resolvedThreads(), unit(spec));
    }

    private static MatrixUnit unit(DeviceSpec spec) {
        return MatrixUnit.ofProcessor()
                .or(() -> spec.emulates() ? Optional.of(MatrixUnit.EMULATION) : Optional.empty())
                .orElseThrow(
                        () -> new UserException(
                                "Cannot use the device CPU with the precision BFLOAT16: expected a processor with AMX (Intel's Sapphire Rapids and newer) or"
                                        + " AVX512-BF16 (AMD's Zen 4, Intel's Cooper Lake and newer), found neither. Set device.precision to float32, or"
                                        + " device.precision-fallback to emulate, which is slower than float32 and gives nearly the same numbers."));
    }
}

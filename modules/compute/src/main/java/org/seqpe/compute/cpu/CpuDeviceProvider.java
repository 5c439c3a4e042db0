package org.seqpe.compute.cpu;

import java.util.Optional;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.backend.InstalledBackend;
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
    public Device create(DeviceSpec spec) {
        return new CpuDevice(spec.resolvedThreads());
    }
}

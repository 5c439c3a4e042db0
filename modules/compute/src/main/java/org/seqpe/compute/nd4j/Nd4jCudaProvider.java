package org.seqpe.compute.nd4j;

import java.util.Optional;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.core.config.DeviceConfig;

/** ND4J operations on a GPU, in a distribution with ND4J's CUDA backend. */
public final class Nd4jCudaProvider implements DeviceProvider {
    @Override
    public DeviceConfig.Kind kind() {
        return DeviceConfig.Kind.CUDA;
    }

    @Override
    public int preference() {
        return 30;
    }

    @Override
    public Optional<String> refusal() {
        return InstalledBackend.isCuda()
                ? Optional.empty()
                : Optional.of(
                        "expected a distribution with ND4J's CUDA backend, found one that computes on the processor; "
                                + "build it with the profile cuda (docs/devices.md), or choose the device AUTO.");
    }

    @Override
    public Device create(DeviceSpec spec) {
        InstalledBackend.requireUsable();
        return new Nd4jDevice(spec.resolvedThreads(), spec.address());
    }
}

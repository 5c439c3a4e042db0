package org.seqpe.compute.nd4j;

import java.util.Optional;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.core.config.DeviceConfig;

/** The same ND4J operations on a GPU, in a distribution with ND4J's CUDA backend. */
public final class Nd4jCudaProvider extends Nd4jDeviceProvider {
    @Override
    public DeviceConfig.Kind kind() {
        return DeviceConfig.Kind.CUDA;
    }

    @Override
    public int preference() {
        return 30;
    }

    @Override
    public boolean isInstalled() {
        return InstalledBackend.isCuda();
    }

    @Override
    public Optional<String> refusal() {
        return isInstalled()
                ? Optional.empty()
                : Optional.of(
                        "expected a distribution with ND4J's CUDA backend, found one that computes on the processor; "
                                + "build it with the profile cuda (docs/devices.md), or choose the device AUTO.");
    }
}

package org.seqpe.compute.nd4j;

import java.util.Optional;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.core.config.DeviceConfig;

/** Plain ND4J operations on whatever backend is installed. */
public class Nd4jDeviceProvider implements DeviceProvider {
    @Override
    public DeviceConfig.Kind kind() {
        return DeviceConfig.Kind.ND4J;
    }

    @Override
    public int preference() {
        return 10;
    }

    @Override
    public Optional<String> refusal() {
        return Optional.empty();
    }

    @Override
    public Device create(DeviceSpec spec) {
        InstalledBackend.requireUsable();
        return new Nd4jDevice(spec.resolvedThreads(), spec.address());
    }
}

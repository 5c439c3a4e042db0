package org.seqpe.compute;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;

/**
 * Makes devices of one kind. {@link Devices} finds providers through {@link java.util.ServiceLoader}, so that a device
 * is a class, its provider and a line in META-INF/services.
 */
public interface DeviceProvider {
    /** The kind that configurations name; never AUTO. */
    DeviceConfig.Kind kind();

    /** Where several providers can serve AUTO, the one with the highest number does. */
    int preference();

    /** Whether this distribution has the kind at all: only then is it news that the machine cannot have it. */
    default boolean isInstalled() {
        return true;
    }

    /** What activations and the weights that products read can be on this kind of device. */
    default Set<Precision> precisions() {
        return EnumSet.of(Precision.FLOAT32);
    }

    /** Why this kind of device cannot be had in this process; empty where it can. */
    Optional<String> refusal();

    /**
     * A new device.
     *
     * @param spec of this kind, or AUTO
     * @throws UserException where the machine lacks what the device needs, or has no device at the address
     */
    Device create(DeviceSpec spec);
}

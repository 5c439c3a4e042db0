package org.seqpe.compute;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the device that a {@link DeviceSpec} asks for, from the providers on the class path. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private Devices() {}

    /** The providers on the class path, the most preferred first. */
    public static List<DeviceProvider> providers() {
        // The loader of this class: executors have others on their threads.
        return ServiceLoader.load(DeviceProvider.class, DeviceProvider.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(DeviceProvider::preference).reversed())
                .toList();
    }

    /** Why this process cannot have a device of this kind; empty where it can. */
    public static Optional<String> refusal(DeviceConfig.Kind kind) {
        return provider(kind, providers()).refusal();
    }

    private static DeviceProvider provider(DeviceConfig.Kind kind, List<DeviceProvider> providers) {
        return providers.stream()
                .filter(found -> found.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot use the device " + kind + ": expected one of "
                        + kinds(providers) + ", found no provider of it in this distribution."));
    }

    /** One device of this kind, as {@link #create(DeviceSpec)}. */
    public static Device create(DeviceConfig.Kind kind, int threads) {
        return create(DeviceSpec.of(kind, threads));
    }

    /**
     * A new device, which the caller closes. AUTO is the most preferred kind that this process can have; where that is
     * not the most preferred of all, one warning a process says why.
     *
     * @throws UserException if the device cannot be had
     */
    public static Device create(DeviceSpec spec) {
        List<DeviceProvider> providers = providers();
        if (spec.kind() == DeviceConfig.Kind.AUTO) {
            return automatic(spec, providers);
        }
        DeviceProvider provider = provider(spec.kind(), providers);
        provider.refusal().ifPresent(reason -> {
            throw new UserException("Cannot use the device " + spec.kind() + ": " + reason);
        });
        return create(provider, spec);
    }

    private static Device automatic(DeviceSpec spec, List<DeviceProvider> providers) {
        String warning = null;
        for (DeviceProvider provider : providers) {
            Optional<String> refusal = provider.refusal();
            if (refusal.isEmpty()) {
                if (warning != null && !WARNED.getAndSet(true)) {
                    LOG.warn("Computing with the device {}: {}", provider.kind(), warning);
                }
                return create(provider, spec);
            }
            if (provider.isInstalled()) {
                warning = refusal.get();
            }
        }
        throw new UserException("Cannot find a device: expected one of " + kinds(providers)
                + ", found none that this machine can have.");
    }

    private static Device create(DeviceProvider provider, DeviceSpec spec) {
        if (!provider.precisions().contains(spec.precision())) {
            throw new UserException("Cannot use the device " + provider.kind() + " with the precision "
                    + spec.precision() + ": expected one of " + provider.precisions()
                    + "; set device.precision to another one, or device.kind to a device that has it.");
        }
        return provider.create(spec);
    }

    private static String kinds(List<DeviceProvider> providers) {
        return providers.stream().map(provider -> provider.kind().toString()).collect(Collectors.joining(", "));
    }
}

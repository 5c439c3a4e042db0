package org.seqpe.compute.cuda;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceLostException;
import org.seqpe.compute.DeviceProvider;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Precision;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.compute.cuda.driver.CublasLt;
import org.seqpe.compute.cuda.driver.Gpu;
import org.seqpe.compute.cuda.driver.Gpus;
import org.seqpe.compute.cuda.runtime.CudaContext;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;

/** Our kernels on NVIDIA's GPUs. */
public final class CudaDeviceProvider implements DeviceProvider {
    @Override
    public DeviceConfig.Kind kind() {
        return DeviceConfig.Kind.CUDA;
    }

    @Override
    public int preference() {
        return 30;
    }

    /** A machine without NVIDIA's driver is no machine with a GPU. */
    @Override
    public boolean isInstalled() {
        return Gpus.hasDriver();
    }

    @Override
    public Set<Precision> precisions() {
        return EnumSet.allOf(Precision.class);
    }

    @Override
    public Optional<String> refusal() {
        try {
            requireUsable();
            return Optional.empty();
        } catch (UserException e) {
            return Optional.of(e.getMessage() + "; docs/devices.md says what it needs.");
        }
    }

    private static void requireUsable() {
        if (InstalledBackend.isCuda()) {
            throw new UserException("expected a distribution whose ND4J computes on the processor, found one for ND4J's"
                    + " CUDA backend; use a distribution without the profile nd4j-cuda, or choose the device ND4J");
        }
        int driver = Gpus.driverVersion();
        if (driver < KernelImage.LEAST_DRIVER) {
            throw new UserException("expected a driver for CUDA 13.0 or newer (580), found one for CUDA "
                    + driver / 1000 + "." + driver % 1000 / 10 + "; install a newer driver");
        }
        List<Gpu> gpus = Gpus.list();
        if (gpus.isEmpty()) {
            String visible = System.getenv("CUDA_VISIBLE_DEVICES");
            throw new UserException(
                    "expected an NVIDIA GPU, found NVIDIA's driver but no GPU that it shows to this process"
                            + (visible == null ? "" : " (CUDA_VISIBLE_DEVICES=" + visible + ")")
                            + "; make one visible");
        }
        if (gpus.stream().noneMatch(CudaDeviceProvider::isNewEnough)) {
            throw new UserException(
                    "expected a GPU of compute capability 8.0 or newer (A100, RTX 30, L4, H100, ...), found "
                            + names(gpus) + "; use a newer GPU, or ND4J's CUDA backend (the profile nd4j-cuda)");
        }
        CublasLt.bind();
    }

    private static boolean isNewEnough(Gpu gpu) {
        return gpu.capability() >= KernelImage.LEAST_CAPABILITY;
    }

    private static String names(List<Gpu> gpus) {
        return gpus.stream().map(Gpu::toString).collect(Collectors.joining(", "));
    }

    @Override
    public Device create(DeviceSpec spec) {
        Gpu gpu = find(Gpus.list(), spec.address());
        if (!isNewEnough(gpu)) {
            throw new UserException(
                    "Cannot use " + gpu
                            + ": expected compute capability 8.0 or newer. Name another GPU, or hide this one with CUDA_VISIBLE_DEVICES.");
        }
        if (CudaContext.isBroken(gpu)) {
            throw new DeviceLostException("Cannot use " + gpu
                    + ": it failed before in this process, which cannot use it any more. Start a new process.");
        }
        return CudaDevice.open(gpu, KernelImage.load(), spec.precision());
    }

    /**
     * The GPU at an address: a number in the driver's order, or a UUID; the first that is new enough if the address is
     * empty.
     */
    private static Gpu find(List<Gpu> gpus, String address) {
        // A slice of a card (MIG) is called MIG- with its UUID.
        String uuid = address.replaceFirst("^MIG-", "GPU-");
        return gpus.stream()
                .filter(gpu -> address.isEmpty()
                        ? isNewEnough(gpu)
                        : address.equals(Integer.toString(gpu.number())) || uuid.equalsIgnoreCase(gpu.uuid()))
                .findFirst()
                .orElseThrow(() ->
                        new UserException("Cannot use the GPU " + address + ": expected the number or UUID of one of "
                                + names(gpus) + ". Set device.address, or what Spark assigns, to one of them."));
    }
}

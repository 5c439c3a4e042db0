package org.seqpe.compute.cuda.driver;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.seqpe.core.UserException;

/** The GPUs of this machine, as NVIDIA's driver shows them to this process. */
public final class Gpus {
    private static final int TEXT_BYTES = 256;
    private static final int UUID_BYTES = 16;
    private static final int COMPUTE_CAPABILITY_MAJOR = 75;
    private static final int COMPUTE_CAPABILITY_MINOR = 76;
    private static final int MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97;
    private static final int MEMORY_POOLS_SUPPORTED = 115;

    private Gpus() {}

    /** Whether this machine has NVIDIA's driver. */
    public static boolean hasDriver() {
        return DriverApi.isPresent();
    }

    /**
     * The newest CUDA that the driver knows: 1000 * major + 10 * minor.
     *
     * @throws UserException if there is no driver, or if it does not answer
     */
    public static int driverVersion() {
        DriverApi.bind();
        int[] version = new int[1];
        require("cuDriverGetVersion", DriverApi.cuDriverGetVersion(version));
        return version[0];
    }

    /**
     * All GPUs; none if there are none, or if CUDA_VISIBLE_DEVICES hides them.
     *
     * @throws UserException if there is no driver, or if it does not answer
     */
    public static List<Gpu> list() {
        DriverApi.bind();
        int status = DriverApi.cuInit(0);
        if (status == CudaStatus.NO_DEVICE) {
            return List.of();
        }
        require("cuInit", status);
        int[] count = new int[1];
        require("cuDeviceGetCount", DriverApi.cuDeviceGetCount(count));
        List<Gpu> gpus = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            gpus.add(gpu(i));
        }
        return gpus;
    }

    private static Gpu gpu(int number) {
        int[] handle = new int[1];
        require("cuDeviceGet", DriverApi.cuDeviceGet(handle, number));
        int device = handle[0];
        byte[] name = new byte[TEXT_BYTES];
        require("cuDeviceGetName", DriverApi.cuDeviceGetName(name, TEXT_BYTES, device));
        byte[] bus = new byte[TEXT_BYTES];
        require("cuDeviceGetPCIBusId", DriverApi.cuDeviceGetPCIBusId(bus, TEXT_BYTES, device));
        byte[] uuid = new byte[UUID_BYTES];
        require("cuDeviceGetUuid_v2", DriverApi.cuDeviceGetUuid_v2(uuid, device));
        long[] memory = new long[1];
        require("cuDeviceTotalMem_v2", DriverApi.cuDeviceTotalMem_v2(memory, device));
        return new Gpu(
                number,
                device,
                text(name),
                uuidText(uuid),
                text(bus),
                10 * attribute(COMPUTE_CAPABILITY_MAJOR, device) + attribute(COMPUTE_CAPABILITY_MINOR, device),
                memory[0],
                attribute(MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device),
                attribute(MEMORY_POOLS_SUPPORTED, device) != 0);
    }

    private static int attribute(int attribute, int device) {
        int[] value = new int[1];
        require("cuDeviceGetAttribute", DriverApi.cuDeviceGetAttribute(value, attribute, device));
        return value[0];
    }

    private static String text(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static String uuidText(byte[] uuid) {
        String hex = HexFormat.of().formatHex(uuid);
        return "GPU-" + hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20);
    }

    private static void require(String function, int status) {
        if (status != CudaStatus.SUCCESS) {
            throw new UserException("expected NVIDIA's driver to answer, found that its " + function + " fails with "
                    + CudaStatus.describe(status) + "; see whether nvidia-smi works on this machine");
        }
    }
}

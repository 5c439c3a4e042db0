package org.seqpe.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceLostException;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.driver.Gpus;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig.Kind;

/** Where a CUDA device can be had, and what is said where not. */
@EnabledIf("org.seqpe.compute.cuda.EmulatedCuda#isAvailable")
class CudaDeviceProviderTest {
    private static final int DRIVER = 13_000;
    private static final int CAPABILITY = 90;
    private static final int DEVICES = 2;
    private static final long MEMORY = 1L << 30;

    @BeforeEach
    void start() {
        EmulatedCuda.start();
        EmulatedCuda.set("capability", CAPABILITY);
    }

    @AfterEach
    void stop() {
        EmulatedCuda.set("devices", DEVICES);
        EmulatedCuda.set("capability", CAPABILITY);
        EmulatedCuda.set("driver", DRIVER);
        EmulatedCuda.set("memory", MEMORY);
        EmulatedCuda.set("init", 0);
        EmulatedCuda.stop();
    }

    private static Device open(String address) {
        return Devices.create(new DeviceSpec(Kind.CUDA, address, 1, Precision.FLOAT32, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "devices    | 0     | no GPU that it shows to this process",
                "capability | 75    | expected a GPU of compute capability 8.0 or newer",
                "driver     | 12040 | found one for CUDA 12.4; install a newer driver",
                "init       | 999   | its cuInit fails with CUDA_ERROR_UNKNOWN",
            })
    void saysWhatIsMissing(String key, int value, String message) {
        EmulatedCuda.set(key, value);
        assertThatThrownBy(() -> open(""))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot use the device CUDA")
                .hasMessageContaining(message);
    }

    @Test
    void isNotThereWithoutADriver() {
        EmulatedCuda.stop();
        System.setProperty("seqpe.cuda.driver", "libcuda-of-nobody.so.1");
        try {
            assertThat(new CudaDeviceProvider().isInstalled()).isFalse();
            assertThatThrownBy(() -> open(""))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("expected NVIDIA's driver, found no libcuda-of-nobody.so.1");
        } finally {
            EmulatedCuda.start();
        }
    }

    @Test
    void takesTheGpuAtAnAddress() {
        String uuid = Gpus.list().get(1).uuid();
        for (String address : new String[] {"", "0", "1", uuid, uuid.replace("GPU-", "MIG-")}) {
            try (Device device = open(address)) {
                Tensor tensor = device.allocate(3);
                device.fill(tensor, 2);
                assertThat(tensor.toArray()).containsExactly(2, 2, 2);
            }
        }
        assertThatThrownBy(() -> open("7"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot use the GPU 7: expected the number or UUID of one of GPU 0 (");
        assertThat(EmulatedCuda.get("live")).isZero();
    }

    @Test
    void autoTakesTheGpu() {
        try (Device device = Devices.create(Kind.AUTO, 1)) {
            assertThat(device).isInstanceOf(CudaDevice.class);
        }
    }

    @Test
    void memoryThatNobodyHoldsIsUsedAgain() {
        EmulatedCuda.set("memory", 64 << 20);
        try (Device device = open("")) {
            for (int i = 0; i < 100; i++) {
                device.fill(device.allocate(1 << 20), i);
            }
        }
    }

    @Test
    void saysHowToNeedLessMemory() {
        EmulatedCuda.set("memory", 64 << 20);
        try (Device device = open("")) {
            Tensor kept = device.allocate(5 << 20);
            assertThatThrownBy(() -> device.allocate(15, 1 << 20))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("Cannot allocate 60 MiB on GPU 0")
                    .hasMessageContaining("of 64 MiB free")
                    .hasMessageContaining("train.batch");
            device.free(kept);
            device.free(device.allocate(15, 1 << 20));
        }
    }

    /** The emulated GPU 1 is broken afterwards, for this process. */
    @Test
    void aFaultNamesTheKernelAndTheGpuIsNotUsedAgain() {
        int illegalAddress = 700;
        try (Device device = open("1")) {
            Tensor tensor = device.allocate(100);
            device.fill(tensor, 1);
            EmulatedCuda.fail("axpy_f32", illegalAddress);
            assertThatThrownBy(() -> {
                        device.axpy(2, tensor, tensor);
                        device.scale(tensor, 3);
                        device.synchronize();
                    })
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("Cannot compute on GPU 1")
                    .hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS")
                    .hasMessageContaining("axpy_f32")
                    .hasMessageContaining("SEQPE_CUDA_CHECK=1");
        }
        assertThatThrownBy(() -> open("1"))
                .isInstanceOf(DeviceLostException.class)
                .hasMessageContaining("it failed before in this process");
        EmulatedCuda.set("reset", 0);
    }
}

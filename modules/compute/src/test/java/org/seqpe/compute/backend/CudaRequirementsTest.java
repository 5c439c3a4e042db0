package org.seqpe.compute.backend;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.core.UserException;

class CudaRequirementsTest {
    private static final int CUDA_11_6 = 11_060;

    private static CudaGpu gpu(int number, String name, int major, int minor) {
        return new CudaGpu(number, name, major, minor);
    }

    /** Capabilities of NVIDIA's list of GPUs, with one product each. */
    @ParameterizedTest
    @CsvSource({
        "3, 7, Tesla K80",
        "5, 0, Quadro K2200",
        "5, 2, Tesla M40",
        "6, 0, Tesla P100",
        "6, 1, Tesla P4",
        "7, 0, V100",
        "7, 5, T4",
        "8, 0, A100",
        "8, 6, A10",
        "8, 9, L4"
    })
    void acceptsGpusThatItsMachineCodeRunsOn(int major, int minor, String name) {
        assertThatCode(() -> CudaRequirements.check(CUDA_11_6, List.of(gpu(0, name, major, minor))))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"3, 5, Tesla K40", "9, 0, H200", "10, 0, B200", "12, 0, RTX 5090"})
    void refusesGpusWithoutCodeAndNamesThem(int major, int minor, String name) {
        assertThatThrownBy(() -> CudaRequirements.check(13_000, List.of(gpu(0, name, major, minor))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no code for this GPU")
                .hasMessageContaining("found GPU 0, " + name + ", compute capability " + major + "." + minor)
                .hasMessageContaining("8.0 and 8.6")
                .hasMessageContaining("use another GPU");
    }

    @Test
    void refusesAMachineWhereOneOfSeveralGpusHasNoCode() {
        assertThatThrownBy(() -> CudaRequirements.check(13_000, List.of(gpu(0, "A100", 8, 0), gpu(1, "H200", 9, 0))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("found GPU 1, H200")
                .hasMessageNotContaining("A100")
                .hasMessageContaining("CUDA_VISIBLE_DEVICES");
    }

    @Test
    void tellsNoGpuFromAnOldDriver() {
        assertThatThrownBy(() -> CudaRequirements.check(CUDA_11_6, List.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no usable GPU");
        assertThatThrownBy(() -> CudaRequirements.check(10_020, List.of(gpu(0, "V100", 7, 0))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("CUDA 11.0 or newer")
                .hasMessageContaining("found one for CUDA 10.2");
    }

    @Test
    void saysThatThereIsNoDriver() {
        assertThatThrownBy(() -> CudaDriver.load("libseqpe-no-such-driver.so.1"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no usable GPU")
                .hasMessageContaining("found no libseqpe-no-such-driver.so.1")
                .hasMessageContaining("install the driver");
    }
}

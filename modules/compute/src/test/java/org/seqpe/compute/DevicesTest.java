package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.compute.nd4j.Nd4jDevice;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig.Kind;

class DevicesTest {
    @Test
    void givesTheDeviceThatIsNamed() {
        for (int threads : new int[] {0, 1, 2}) {
            try (Device nd4j = Devices.create(Kind.ND4J, threads)) {
                assertThat(nd4j).isInstanceOf(Nd4jDevice.class);
            }
        }
        assertThatThrownBy(() -> Devices.create(Kind.ND4J, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void givesTheCpuDeviceWhereItCanRunAndSaysWhyWhereItCannot() {
        if (CpuDevice.unsupportedReason().isEmpty()) {
            try (Device auto = Devices.create(Kind.AUTO, 1);
                    Device cpu = Devices.create(Kind.CPU, 1)) {
                assertThat(auto).isInstanceOf(CpuDevice.class);
                assertThat(cpu).isInstanceOf(CpuDevice.class);
            }
        } else {
            assertThatThrownBy(() -> Devices.create(Kind.CPU, 1))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining(CpuDevice.unsupportedReason().get());
        }
    }

    @Test
    void refusesAPrecisionThatTheDeviceDoesNotHave() {
        assertThatThrownBy(() -> Devices.create(new DeviceSpec(Kind.ND4J, "", 1, Precision.BFLOAT16, false)))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("precision BFLOAT16", "expected one of [FLOAT32]");
    }

    /** What a JVM without the Vector API does; run by {@link #worksInAJvmWithoutTheVectorApi}. */
    static final class WithoutVectorApi {
        private WithoutVectorApi() {}

        public static void main(String[] arguments) {
            try (Device auto = Devices.create(Kind.AUTO, 1)) {
                Tensor tensor = auto.allocate(3);
                auto.fill(tensor, 2);
                System.out.println("AUTO is " + auto.name() + ", sum of squares " + Probe.sumOfSquares(auto, tensor));
            }
            try {
                Devices.create(Kind.CPU, 1).close();
            } catch (UserException refused) {
                System.out.println("CPU: " + refused.getMessage());
            }
        }
    }

    @Test
    void worksInAJvmWithoutTheVectorApi(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WithoutVectorApi.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(log, StandardCharsets.UTF_8))
                .contains("AUTO is nd4j, sum of squares 12.0")
                .contains("CPU: Cannot use the device CPU")
                .contains("--add-modules jdk.incubator.vector");
        assertThat(process.exitValue()).isZero();
    }
}

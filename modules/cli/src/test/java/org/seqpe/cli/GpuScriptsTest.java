package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the scripts in deploy/ do with GPUs, with stand-ins for nvidia-smi and spark-submit. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no POSIX shell")
class GpuScriptsTest {
    private static final Path DEPLOY = Path.of("../../deploy").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private String said;

    @BeforeEach
    void standIns() throws IOException {
        program("nvidia-smi", "printf '0, GPU-aaaa-1\\n1, GPU-bbbb-2\\n2, GPU-cccc-3\\n'");
        program("spark-submit", "printf '%s\\n' \"$@\"");
        environment.put("PATH", folder + ":" + System.getenv("PATH"));
        Path jars = Files.createDirectory(folder.resolve("lib"));
        Files.createFile(jars.resolve("seqpe-cli-0.jar"));
        environment.putAll(Map.of(
                "SEQPE_CLUSTER_LIB", jars.toString(),
                "SEQPE_ARCHIVE", "hdfs:///seqpe.zip",
                "SEQPE_KUBERNETES", "https://host",
                "SEQPE_IMAGE", "image"));
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private int run(String script, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(DEPLOY.resolve(script).toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.environment().keySet().removeIf(name -> name.startsWith("SEQPE_") || name.startsWith("CUDA_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor();
    }

    /** CUDA counts from 0 what CUDA_VISIBLE_DEVICES leaves, and reads no further than an entry that names nothing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'0,1,2'              | 0,1,2",
                "2                    | 0",
                "'2, 1'               | 0,1",
                "'GPU-bbbb,GPU-aaaa'  | 0,1",
                "'0,5,1'              | 0",
                "'1,GPU-dddd,0'       | 0",
                "'MIG-x,MIG-y'        | 0"
            })
    void addressesAreThoseOfCuda(String visible, String addresses) throws Exception {
        environment.put("CUDA_VISIBLE_DEVICES", visible);
        assertThat(run("gpus.sh")).as(said).isZero();
        assertThat(said).isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"" + addresses.replace(",", "\",\"") + "\"]}\n");
    }

    @Test
    void allGpusOrAsManyAsAreAskedFor() throws Exception {
        assertThat(run("gpus.sh")).as(said).isZero();
        assertThat(said).contains("[\"0\",\"1\",\"2\"]");
        environment.put("SEQPE_GPUS", "2");
        assertThat(run("gpus.sh")).as(said).isZero();
        assertThat(said).contains("[\"0\",\"1\"]");
    }

    @Test
    void noGpuIsAnError() throws Exception {
        environment.put("CUDA_VISIBLE_DEVICES", "");
        assertThat(run("gpus.sh")).isEqualTo(2);
        assertThat(said).contains("Cannot find GPUs", "found 3 on this machine", "CUDA_VISIBLE_DEVICES= shows none");
        environment.remove("CUDA_VISIBLE_DEVICES");
        program("nvidia-smi", "echo 'No devices were found'; exit 6");
        assertThat(run("gpus.sh")).isEqualTo(2);
        assertThat(said).contains("Cannot find GPUs", "No devices were found");
        program("nvidia-smi", "true");
        assertThat(run("gpus.sh")).isEqualTo(2);
        assertThat(said).contains("found 0 on this machine");
    }

    @Test
    void yarnAndKubernetesAreAskedForGpus() throws Exception {
        environment.putAll(Map.of("SEQPE_GPUS", "2", "SEQPE_DRIVER_GPUS", "1", "SEQPE_EXECUTOR_CORES", "9"));
        for (String script : List.of("yarn/submit.sh", "kubernetes/submit.sh")) {
            assertThat(run(script, "train")).as(said).isZero();
            assertThat(said.lines())
                    .as(script)
                    .contains(
                            "spark.executor.resource.gpu.amount=2",
                            "spark.driver.resource.gpu.amount=1",
                            "spark.task.resource.gpu.amount=1",
                            "spark.task.cpus=4");
        }
        assertThat(said.lines())
                .contains(
                        "spark.executor.resource.gpu.discoveryScript=/opt/seqpe/gpus.sh",
                        "spark.executor.resource.gpu.vendor=nvidia.com",
                        "spark.driver.resource.gpu.vendor=nvidia.com")
                .anyMatch(line -> line.matches("spark.kubernetes.executor.podTemplateFile=.*/gpu-pod.yaml"));
        environment.put("SEQPE_DEPLOY_MODE", "client");
        assertThat(run("yarn/submit.sh", "train")).as(said).isZero();
        assertThat(said.lines())
                .contains(DEPLOY.resolve("gpus.sh").toString(), "spark.executor.resource.gpu.discoveryScript=./gpus.sh")
                .noneMatch(line -> line.startsWith("spark.driver.resource"));
    }

    @Test
    void nobodyIsAskedForGpusWithoutTheSetting() throws Exception {
        for (String script : List.of("yarn/submit.sh", "kubernetes/submit.sh")) {
            assertThat(run(script, "train")).as(said).isZero();
            assertThat(said).as(script).contains("spark.task.cpus=8").doesNotContain("gpu");
        }
    }

    @Test
    void numbersThatDoNotFitAreRefused() throws Exception {
        environment.put("SEQPE_GPUS", "9");
        for (String script : List.of("yarn/submit.sh", "kubernetes/submit.sh")) {
            assertThat(run(script, "train")).isEqualTo(2);
            assertThat(said).contains("a core or more for each of the 9 GPUs", "found 8");
        }
        environment.put("SEQPE_GPUS", "all");
        assertThat(run("yarn/submit.sh", "train")).isEqualTo(2);
        assertThat(said).contains("Cannot use SEQPE_GPUS=all: expected a number");
    }
}

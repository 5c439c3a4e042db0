package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.core.io.Json;

/** What {@code seqpe doctor} says of GPUs, emulated ones that work and some that do not. */
@Timeout(300)
class DoctorTest {
    @TempDir
    private static Path folder;

    private static List<String> gpus;

    @BeforeAll
    static void libraries() throws Exception {
        gpus = EmulatedGpus.options(folder);
    }

    private static JsonNode doctor(List<String> options, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(CommandProcess.command("doctor", "--json"));
        command.addAll(1, options);
        Path log = folder.resolve("log");
        try (CommandProcess process = CommandProcess.script(log, environment, command.toArray(String[]::new))) {
            process.done();
        }
        // The JVM's warning of the incubator module comes first.
        String said = Files.readString(log);
        return Json.parse(said.substring(said.indexOf('{')), JsonNode.class, said);
    }

    @Test
    void listsTheGpusAndTriesEach() throws Exception {
        JsonNode all = doctor(gpus, Map.of("CUDA_VISIBLE_DEVICES", "0,1", "SEQPE_PASSWORD", "hush"));
        assertThat(all.at("/gpus/visible_gpus")).hasSize(2);
        JsonNode second = all.at("/gpus/visible_gpus/1");
        assertThat(second.get("name").asText()).isEqualTo("Emulated GPU 1");
        assertThat(second.get("uuid").asText()).startsWith("GPU-");
        assertThat(second.get("compute_capability").asText()).isEqualTo("8.0");
        assertThat(second.get("memory_bytes").asLong()).isEqualTo(1L << 30);
        assertThat(all.at("/gpus/driver_supports_cuda").asText()).isEqualTo("13.0");
        assertThat(all.at("/libraries/cublaslt").asText()).contains("libcublasLt.so.13");
        assertThat(all.at("/environment/CUDA_VISIBLE_DEVICES").asText()).isEqualTo("0,1");
        assertThat(all.toString()).doesNotContain("hush");
        assertThat(all.at("/devices/auto_takes").asText()).isEqualTo("cuda");
        assertThat(all.at("/devices/cuda/state").asText()).isEqualTo("usable");
        assertThat(all.at("/devices/cuda/trials")).hasSize(2);
        all.at("/devices/cuda/trials").forEach(trial -> {
            assertThat(trial.get("sum_of_1000").asText()).isEqualTo("as expected");
            assertThat(trial.get("estimated_float32_gflops").asDouble()).isPositive();
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EMULATED_CUDA_DRIVER     | 12000 | expected a driver for CUDA 13.0 or newer (580), found one for CUDA 12.0",
                "EMULATED_CUDA_CAPABILITY | 75    | expected a GPU of compute capability 8.0 or newer",
                "EMULATED_CUDA_DEVICES    | 0     | found NVIDIA's driver but no GPU that it shows to this process",
                "EMULATED_CUDA_INIT       | 999   | found that its cuInit fails with",
                "SEQPE_TEST               | x     | expected cuBLASLt (libcublasLt.so.13 or libcublasLt.so.12), found none at /nowhere"
            })
    void saysWhyThereIsNone(String variable, String value, String refusal) throws Exception {
        List<String> options = new ArrayList<>(gpus);
        if (variable.equals("SEQPE_TEST")) {
            options.add("-Dseqpe.cuda.cublaslt=/nowhere");
        }
        JsonNode all = doctor(options, Map.of(variable, value));
        assertThat(all.at("/devices/cuda/state").asText()).isEqualTo("refused");
        assertThat(all.at("/devices/cuda/reason").asText()).contains(refusal);
        assertThat(all.at("/devices/auto_takes").asText()).isNotEqualTo("cuda");
        assertThat(all.at("/environment/" + variable).asText()).isEqualTo(value);
    }
}

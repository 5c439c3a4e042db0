package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.io.Json;
import picocli.CommandLine;

class DoctorCommandTest {
    private final CapturedOutput output = new CapturedOutput();

    @AfterEach
    void restore() {
        output.close();
    }

    @Test
    void namesTheEssentials() {
        assertThat(Seqpe.run("doctor")).as(output::complained).isZero();
        assertThat(output.printed())
                .contains(
                        BuildInfo.commit(),
                        System.getProperty("java.version"),
                        System.getProperty("os.version"),
                        "glibc",
                        "vector units",
                        "java heap",
                        "CUDA_VISIBLE_DEVICES",
                        "visible gpus",
                        "OpenBLAS 0.",
                        "hadoop                 3.",
                        "auto takes")
                .containsSubsequence("devices\n", "  cuda\n", "  cpu\n", "  nd4j\n", "sum of 1000 as expected");
    }

    @Test
    void theSameAsOneJsonObject() {
        assertThat(Seqpe.run("doctor", "--json")).as(output::complained).isZero();
        JsonNode all = Json.parse(output.printed(), JsonNode.class, "the doctor's output");
        assertThat(all.fieldNames())
                .toIterable()
                .containsExactly(
                        "program",
                        "system",
                        "processor",
                        "java",
                        "environment",
                        "disks",
                        "gpus",
                        "libraries",
                        "memory",
                        "devices");
        assertThat(all.at("/processor/java_sees").asInt())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(all.at("/memory/java_heap_bytes").asLong())
                .isEqualTo(Runtime.getRuntime().maxMemory());
        assertThat(all.at("/disks/temporary_folder/free_bytes").isNumber()).isTrue();
        JsonNode trial = all.at("/devices/nd4j/trials/0");
        assertThat(trial.get("sum_of_1000").asText()).isEqualTo("as expected");
        assertThat(trial.get("estimated_float32_gflops").asDouble()).isPositive();
        JsonNode ofProcessor = all.at("/devices/cpu/trials/0");
        assertThat(ofProcessor.has("bf16_refused")
                        || !ofProcessor.get("bf16_unit").asText().isEmpty()
                                && ofProcessor.get("estimated_bf16_gflops").asDouble() > 0)
                .as("%s", ofProcessor)
                .isTrue();
    }

    /** A machine without any folder for temporary files, for example. */
    @Test
    void aStartThatFailedIsPartOfTheReport() {
        DoctorCommand doctor = new DoctorCommand();
        doctor.startFailed(new IllegalStateException("no folder, password=hush"));
        CommandLine line = new CommandLine(doctor);
        line.setOut(StandardOutput.ofSystem().writer());
        assertThat(line.execute()).isZero();
        assertThat(output.printed())
                .contains("start                  no folder")
                .doesNotContain("hush");
    }
}

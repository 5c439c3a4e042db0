package org.seqpe.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that runs the parts of the GPU check, with parts that need nothing. */
class RunScriptTest {
    private static final Path SCRIPT = Path.of("src/main/gpu/run");

    @TempDir
    private Path folder;

    private int run(String parts, String seconds) throws IOException, InterruptedException {
        Files.copy(SCRIPT, folder.resolve("run"));
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        folder.resolve("run").toString(),
                        folder.resolve("out").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().clear();
        builder.environment().put("GPU_CHECK_PARTS", parts);
        builder.environment().put("GPU_CHECK_SECONDS", seconds);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void noPartDependsOnAnother() throws IOException, InterruptedException {
        assertThat(run("hang fail kernels", "60")).isEqualTo(1);
        JsonNode parts = new ObjectMapper()
                .readTree(folder.resolve("out/gpu-check.json").toFile())
                .get("parts");
        assertThat(parts.findValuesAsText("name")).containsExactly("hang", "fail", "kernels");
        assertThat(parts.findValuesAsText("status")).containsExactly("timeout", "failed", "skipped");
        assertThat(parts.get(0).get("seconds").asDouble()).isBetween(3.0, 10.0);
        assertThat(parts.get(0).get("figures").get("before").asInt()).isEqualTo(1);
        List<String> text = Files.readAllLines(folder.resolve("out/gpu-check.txt"));
        assertThat(text.get(text.size() - 1)).startsWith("all ");
        assertThat(text.get(text.size() - 4)).startsWith("hang       timeout");
    }

    @Test
    void nothingBeginsWhenTheTimeIsOver() throws IOException, InterruptedException {
        assertThat(run("fail hang", "1")).isZero();
        assertThat(new ObjectMapper()
                        .readTree(folder.resolve("out/gpu-check.json").toFile())
                        .findValuesAsText("status"))
                .containsExactly("skipped", "skipped");
    }
}

package org.seqpe.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiguresTest {
    @TempDir
    private Path folder;

    @Test
    void everyFigureIsInTheFileAtOnce() throws IOException {
        Path file = folder.resolve("part.json");
        Figures figures = new Figures(file);
        figures.put("milliseconds", 12.5);
        assertThat(read(file).get("milliseconds").asDouble()).isEqualTo(12.5);
        figures.put("shape", Map.of("losses", List.of(1.0, Double.NaN), "rate", Double.POSITIVE_INFINITY));
        assertThat(read(file).get("milliseconds").asDouble()).isEqualTo(12.5);
        assertThat(read(file).get("shape").get("losses").get(1).asText()).isEqualTo("NaN");
        assertThat(read(file).get("shape").get("rate").asText()).isEqualTo("Infinity");
    }

    @Test
    void aPartGoesOnAfterAFailureAndFailsAtItsEnd() throws IOException {
        Path file = folder.resolve("part.json");
        Figures figures = new Figures(file);
        figures.expect(true, "not this");
        assertThat(figures.hasFailed()).isFalse();
        figures.fail("the loss is %s", 3);
        figures.put("after", 1);
        assertThat(figures.hasFailed()).isTrue();
        assertThat(read(file).get("failures").get(0).asText()).isEqualTo("the loss is 3");
        assertThat(read(file).has("after")).isTrue();
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(Files.readString(file));
    }
}

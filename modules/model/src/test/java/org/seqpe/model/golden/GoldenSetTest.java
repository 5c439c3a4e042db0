package org.seqpe.model.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What every golden test stands on: the set is read whole and comparisons fail when they should. */
class GoldenSetTest {

    /** Every array the manifest lists is in its file with the listed shape, and every file has its hash. */
    @Test
    void everyListedArrayIsRead() {
        for (GoldenCase golden : GoldenSet.current().all()) {
            golden.listedArrays().fields().forEachRemaining(listed -> {
                JsonNode shape = listed.getValue().get(1);
                int[] sizes = new int[shape.size()];
                for (int i = 0; i < sizes.length; i++) {
                    sizes[i] = shape.get(i).asInt();
                }
                assertThat(golden.shape(listed.getKey()))
                        .as("%s %s", golden, listed.getKey())
                        .containsExactly(sizes);
                assertThat(golden.doubles(listed.getKey())).doesNotContain(Double.NaN);
            });
        }
    }

    @Test
    void aFolderWithoutManifestIsNamed() {
        assertThatThrownBy(() -> GoldenSet.read(Path.of("nowhere")))
                .hasMessageContaining("nowhere")
                .hasMessageContaining("manifest.json");
    }

    @Test
    void closenessIsRelativeToTheLargestMagnitude() {
        double[] expected = {100, 1, 0};
        assertThatCode(() -> Close.assertClose(new double[] {100, 1.0009, -0.0009}, expected, 1e-5, "x"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Close.assertClose(new double[] {100, 1.0011, 0}, expected, 1e-5, "x"))
                .hasMessageContaining("index 1");
        assertThatThrownBy(() -> Close.assertClose(new double[] {100, 1, Double.NaN}, expected, 1e-5, "x"))
                .hasMessageContaining("index 2");
        assertThatThrownBy(() -> Close.assertClose(new double[] {Double.NaN, 1, 1}, expected, 1e-5, "x"))
                .hasMessageContaining("index 0");
        assertThatThrownBy(() -> Close.assertClose(new double[2], expected, 1e-5, "x"))
                .hasMessageContaining("3 values");
        assertThatThrownBy(() -> Close.assertClose(new double[] {1e-3}, new double[1], 1e-5, "x"))
                .hasMessageContaining("index 0");
    }
}

package org.seqpe.model.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.seqpe.model.golden.Close.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.nd4j.Nd4jDevice;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;

/**
 * The tables of the baselines. Ours are computed in double precision and rounded once, so they are within float32's
 * rounding (6e-8) of the reference's double tables; its own float32 tables are allowed the 1e-6 that the manifest
 * suggests. Rotated vectors add a few float32 operations.
 */
class PositionTablesGoldenTest {
    private static final double ROUNDING = 1.2e-7;
    private static final double REFERENCE_FLOAT = 1e-6;
    private static final double ROTATED = 5e-7;

    @ParameterizedTest(name = "{0}")
    @GoldenSource("pe_tables")
    void tablesAreTheReferences(GoldenCase golden) {
        JsonNode config = golden.config();
        assertThat(config.has("alibi_heads") || config.has("depth"))
                .as("config of %s names text or image tables: %s", golden, config)
                .isTrue();
        if (config.has("alibi_heads")) {
            alibi(golden);
            sinusoidal(golden);
            sequentialRotary(golden);
        }
        if (config.has("depth")) {
            axialRotary(golden);
            mixedRotary(golden);
            grids(golden);
        }
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("interpolation")
    void learnedTablesAreInterpolatedAsTheReferences(GoldenCase golden) {
        golden.choice("mode", "linear");
        golden.choice("align_corners", "false");
        int[] shape = golden.shape("in/table");
        for (JsonNode rows : golden.config().get("new")) {
            float[] resized = Interpolation.LINEAR.resize(golden.floats("in/table"), shape[0], shape[1], rows.asInt());
            assertClose(resized, golden.doubles("out/table_" + rows.asInt()), ROUNDING, golden + " to " + rows);
        }
    }

    private static void alibi(GoldenCase golden) {
        for (JsonNode heads : golden.config().get("alibi_heads")) {
            double[] slopes = AlibiSlopes.of(heads.asInt());
            assertClose(
                    slopes,
                    golden.doubles("out/alibi_slopes_h" + heads + "_f64"),
                    1e-12,
                    "slopes of " + heads + " heads");
            assertClose(
                    slopes,
                    golden.doubles("out/alibi_slopes_h" + heads + "_f32"),
                    REFERENCE_FLOAT,
                    "slopes of " + heads + " heads");
        }
    }

    private static void sinusoidal(GoldenCase golden) {
        float[] rows = SinusoidalTable.rows(
                golden.ints("in/positions"),
                golden.config().get("sin_dim").asInt(),
                golden.config().get("sin_base").asDouble());
        assertClose(rows, golden.doubles("out/sin_rows_f64"), ROUNDING, "sinusoidal");
        assertClose(rows, golden.doubles("out/sin_rows_f32"), REFERENCE_FLOAT, "sinusoidal");
    }

    private static void sequentialRotary(GoldenCase golden) {
        JsonNode config = golden.config();
        int[] positions = golden.ints("in/positions");
        RotaryTable table = RotaryTable.sequential(
                positions,
                config.get("rope_head_dim").asInt(),
                config.get("sin_base").asDouble());
        // The reference's rows are all sines, then all cosines.
        float[] rows = new float[2 * table.sin().length];
        for (int p = 0; p < positions.length; p++) {
            System.arraycopy(table.sin(), p * table.pairs(), rows, 2 * p * table.pairs(), table.pairs());
            System.arraycopy(table.cos(), p * table.pairs(), rows, (2 * p + 1) * table.pairs(), table.pairs());
        }
        assertClose(rows, golden.doubles("out/rope_rows_f64"), ROUNDING, "rotary");
        assertClose(rows, golden.doubles("out/rope_rows_f32"), REFERENCE_FLOAT, "rotary");
        checkRotated(golden, table);
    }

    private static void axialRotary(GoldenCase golden) {
        JsonNode config = golden.config();
        RotaryTable table = RotaryTable.axial(
                golden.ints("in/positions"),
                config.get("head_dim").asInt(),
                config.get("base").asDouble());
        assertClose(table.cos(), golden.doubles("out/rot2d_re_f64"), ROUNDING, "axial cosine");
        assertClose(table.sin(), golden.doubles("out/rot2d_im_f64"), ROUNDING, "axial sine");
        assertClose(table.cos(), golden.doubles("out/rot2d_re_f32"), REFERENCE_FLOAT, "axial cosine");
        assertClose(table.sin(), golden.doubles("out/rot2d_im_f32"), REFERENCE_FLOAT, "axial sine");
        checkRotated(golden, table);
    }

    /** The golden arrays are [layer, head, position, pair], our table of a layer is [position, head * pair]. */
    private static void mixedRotary(GoldenCase golden) {
        int[] shape = golden.shape("out/mixed_re");
        int layers = shape[0];
        int heads = shape[1];
        int positions = shape[2];
        int pairs = shape[3];
        double[] frequencies = golden.doubles("in/mixed_freqs");
        float[] cos = new float[layers * heads * positions * pairs];
        float[] sin = new float[cos.length];
        for (int layer = 0; layer < layers; layer++) {
            int columns = layer * heads * pairs;
            int rows = (layers + layer) * heads * pairs;
            RotaryTable table = RotaryTable.mixed(
                    golden.ints("in/positions"),
                    Arrays.copyOfRange(frequencies, columns, columns + heads * pairs),
                    Arrays.copyOfRange(frequencies, rows, rows + heads * pairs));
            for (int head = 0; head < heads; head++) {
                for (int p = 0; p < positions; p++) {
                    int from = p * table.pairs() + head * pairs;
                    int to = ((layer * heads + head) * positions + p) * pairs;
                    System.arraycopy(table.cos(), from, cos, to, pairs);
                    System.arraycopy(table.sin(), from, sin, to, pairs);
                }
            }
        }
        assertClose(cos, golden.doubles("out/mixed_re"), ROUNDING, "mixed cosine");
        assertClose(sin, golden.doubles("out/mixed_im"), ROUNDING, "mixed sine");
    }

    private static void grids(GoldenCase golden) {
        int side = (int) Math.sqrt(golden.shape("in/grid_table")[1]);
        int width = golden.shape("in/grid_table")[2];
        for (Interpolation kind : Interpolation.values()) {
            String prefix = kind == Interpolation.CUBIC ? "out/bicubic_" : "out/bilinear_";
            for (String array : golden.names(prefix)) {
                String[] size = array.substring(prefix.length()).split("x");
                float[] resized = kind.resize(
                        golden.floats("in/grid_table"),
                        side,
                        side,
                        width,
                        Integer.parseInt(size[0]),
                        Integer.parseInt(size[1]));
                assertClose(resized, golden.doubles(array), 3 * ROUNDING, array);
            }
        }
    }

    /** Query and key, stored [1, H, P, D], are turned by the device as the reference turned them. */
    private static void checkRotated(GoldenCase golden, RotaryTable table) {
        int[] shape = golden.shape("in/q");
        int heads = shape[1];
        int positions = shape[2];
        int width = shape[3];
        try (Device device = new Nd4jDevice()) {
            Tensor sin = device.allocate(table.positions(), table.pairs());
            Tensor cos = device.allocate(table.positions(), table.pairs());
            sin.upload(table.sin());
            cos.upload(table.cos());
            Tensor x = device.allocate(positions, heads * width);
            Heads x_PHD = Heads.columns(x, 0, width);
            for (String name : new String[] {"q", "k"}) {
                x.upload(swapHeadsAndRows(golden.floats("in/" + name), heads, positions, width));
                device.rotary(x_PHD, positions, heads, width, sin, cos, false, x_PHD);
                assertClose(
                        swapHeadsAndRows(x.toArray(), positions, heads, width),
                        golden.doubles("out/" + name + "_rot"),
                        ROTATED,
                        name + " rotated");
            }
        }
    }

    /** [a, b, width] to [b, a, width] */
    private static float[] swapHeadsAndRows(float[] x, int a, int b, int width) {
        float[] swapped = new float[x.length];
        for (int i = 0; i < a; i++) {
            for (int j = 0; j < b; j++) {
                System.arraycopy(x, (i * b + j) * width, swapped, (j * a + i) * width, width);
            }
        }
        return swapped;
    }
}

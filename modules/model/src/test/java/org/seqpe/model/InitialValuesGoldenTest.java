package org.seqpe.model;

import com.fasterxml.jackson.databind.JsonNode;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.image.ImageTask;
import org.seqpe.model.image.Patches;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.task.Tasks;

/** Starting values are distributed like the reference's. */
class InitialValuesGoldenTest {
    @ParameterizedTest(name = "{0}")
    @GoldenSource("init_stats")
    void meanAndSpread(GoldenCase golden) {
        JsonNode model = golden.config().get("model");
        JsonNode rows = golden.config().get("rows");
        try (Device device = new CpuDevice(1)) {
            ParameterLayout layout = ModelLayout.of(spec(model, rows, golden.doubles("out/stats")));
            Parameters parameters = Parameters.allocate(layout, device);
            parameters.initialize(12345);
            double[] stats = golden.doubles("out/stats");
            for (int i = 0; i < rows.size(); i++) {
                String name = GoldenModels.name(layout, rows.get(i).asText());
                float[] values = parameters.weight(name).value().toArray();
                double mean = 0;
                double square = 0;
                for (float value : values) {
                    mean += value / (double) values.length;
                }
                for (float value : values) {
                    square += (value - mean) * (value - mean) / values.length;
                }
                double expectedMean = stats[5 * i];
                double expectedStd = stats[5 * i + 1];
                Assertions.assertThat((double) values.length)
                        .as(name + " count")
                        .isEqualTo(stats[5 * i + 4]);
                // Both are samples of n values: means differ by std sqrt(2/n), spreads by std sqrt(1/n), times 5 for
                // about 70 arrays.
                double n = values.length;
                Assertions.assertThat(mean)
                        .as(name + " mean")
                        .isCloseTo(expectedMean, Assertions.within(1e-9 + 5 * expectedStd * Math.sqrt(2 / n)));
                Assertions.assertThat(Math.sqrt(square))
                        .as(name + " spread")
                        .isCloseTo(expectedStd, Assertions.within(1e-9 + 5 * expectedStd / Math.sqrt(n)));
            }
        }
    }

    private static ModelSpec spec(JsonNode model, JsonNode rows, double[] stats) {
        boolean images = model.has("img");
        int width = model.get(images ? "dim" : "n_embd").asInt();
        int slots = 0;
        int layers = 0;
        boolean lastNorm = false;
        for (int i = 0; i < rows.size(); i++) {
            JsonNode row = rows.get(i);
            lastNorm |= row.asText().equals("pe_ln_f_w");
            if (row.asText().matches("pe_h\\d+_ln1_w")) {
                layers++;
            }
            if (row.asText().equals("pe_digit_pos_embed")) {
                slots = (int) stats[5 * i + 4] / width;
            }
        }
        SeqPeConfig seqpe = new SeqPeConfig(
                SeqPeConfig.Apply.ATTN_SCALAR,
                images ? SeqPeConfig.Projection.MULTI : SeqPeConfig.Projection.SINGLE,
                true,
                images ? 2 : 1,
                images ? slots / 2 : slots,
                0,
                layers,
                SeqPeConfig.Direction.CAUSAL,
                lastNorm,
                false,
                true,
                true,
                true,
                1,
                1,
                0,
                0,
                1,
                true);
        PositionConfig position = new PositionConfig(
                PositionConfig.Encoding.SEQPE,
                (int) Math.pow(10, slots),
                10000,
                PositionConfig.AlibiScaling.PUBLISHED,
                0,
                PositionConfig.MixedTable.PUBLISHED,
                seqpe);
        ModelConfig config = new ModelConfig(
                images ? 0 : model.get("vocab").asInt(),
                width,
                model.get(images ? "depth" : "n_layer").asInt(),
                model.get(images ? "heads" : "n_head").asInt(),
                0,
                0,
                1e-5,
                0.02,
                !images,
                ModelConfig.Activation.GELU_TANH,
                0,
                position);
        if (!images) {
            return Tasks.spec(config, model.get("n_positions").asInt());
        }
        Patches patches = new Patches(model.get("patch").asInt());
        int size = model.get("img").asInt();
        return new ModelSpec(config, new ImageTask(model.get("classes").asInt(), patches, patches.grid(size, size), 0));
    }
}

package org.seqpe.model.seqpe;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.model.GoldenModels;
import org.seqpe.model.Grid;
import org.seqpe.model.GridTask;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.TestDevices;
import org.seqpe.model.golden.Close;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.transformer.RandomKeys;

/** The position encoder against the reference's SequentialPE: vectors and every gradient. */
class SeqPeEncoderGoldenTest {
    /** Float32 against the reference's float64; relative to an array's largest magnitude. */
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest(name = "{0}")
    @GoldenSource("seqpe_encoder")
    void vectorsAndGradientsWithSharedPrefixes(GoldenCase golden) {
        TestDevices.each(device -> check(golden, device, true));
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("seqpe_encoder")
    void vectorsAndGradientsOfSeparatePositions(GoldenCase golden) {
        TestDevices.each(device -> check(golden, device, false));
    }

    private static void check(GoldenCase golden, Device device, boolean sharePrefixes) {
        ModelSpec spec = spec(golden, sharePrefixes);
        Parameters parameters = GoldenModels.parameters(golden, encoderLayout(spec), device);
        RandomKeys keys = new RandomKeys();
        int count = golden.shape("in/positions")[0];
        int[] positions = golden.ints("in/positions");

        Tensor evaluated = new PositionEncoder(spec, parameters, device, keys, false).forward(positions, count);
        Close.assertClose(evaluated.toArray(), golden.doubles("out/pe"), TOLERANCE, "out/pe in evaluation");

        PositionEncoder encoder = new PositionEncoder(spec, parameters, device, keys, true);
        Close.assertClose(encoder.forward(positions, count).toArray(), golden.doubles("out/pe"), TOLERANCE, "out/pe");
        encoder.zeroGradient().upload(golden.floats("in/r"));
        encoder.backward();
        GoldenModels.assertGradients(golden, parameters, TOLERANCE);
    }

    /** The encoder's part of the layout alone: these cases have no main model. */
    private static ParameterLayout encoderLayout(ModelSpec spec) {
        ParameterLayout.Builder layout = new ParameterLayout.Builder();
        for (ParameterLayout.Entry entry : ModelLayout.of(spec).entries()) {
            if (entry.part() == ParameterLayout.Part.POSITION_ENCODER) {
                layout.add(entry.name(), entry.part(), entry.decay(), entry.initial(), entry.extents());
            }
        }
        return layout.build();
    }

    private static ModelSpec spec(GoldenCase golden, boolean sharePrefixes) {
        JsonNode config = golden.config();
        golden.choice("activation_function", "gelu_new");
        int width = config.get("pe_embed_dim").asInt();
        int heads = config.get("num_attention_heads").asInt();
        int digits = config.get("max_digits").asInt();
        int dimensions = config.get("data_dim").asInt();
        int outputWidth = config.get("out_proj_dim").asInt(-1);
        boolean projects = config.path("add_out_proj").asBoolean(true);
        // A width of its own is only possible through the width of the model that the vectors are for: added to its
        // input, they have it.
        int modelWidth = outputWidth > 0 ? outputWidth : width;
        SeqPeConfig seqpe = new SeqPeConfig(
                SeqPeConfig.Apply.INPUT_ADD,
                SeqPeConfig.Projection.NONE,
                true,
                dimensions,
                digits,
                width,
                config.get("layer_num").asInt(),
                GoldenModels.direction(golden, "attn_direction"),
                config.get("use_last_layernorm").asBoolean(),
                config.get("mask_padding").asBoolean(),
                config.path("use_cls_token").asBoolean(true),
                config.path("scale_attn_weights").asBoolean(true),
                projects,
                config.path("seqpe_temperature").asDouble(1),
                1,
                0,
                0,
                1,
                sharePrefixes);
        int maxPosition = (int) Math.pow(10, digits * dimensions);
        PositionConfig position = new PositionConfig(
                PositionConfig.Encoding.SEQPE,
                maxPosition,
                10000,
                PositionConfig.AlibiScaling.PUBLISHED,
                0,
                PositionConfig.MixedTable.PUBLISHED,
                seqpe);
        return new ModelSpec(
                new ModelConfig(
                        2, modelWidth, 1, heads, 0, 0, 1e-5, 0.02, true, ModelConfig.Activation.GELU_TANH, 0, position),
                new GridTask(2, dimensions == 1 ? new Grid(1) : new Grid(1, 1)));
    }
}

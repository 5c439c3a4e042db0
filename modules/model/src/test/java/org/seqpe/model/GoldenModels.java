package org.seqpe.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.ObjectiveConfig.Transfer.Metric;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.PositionConfig.AlibiScaling;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Direction;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.golden.Close;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSet;
import org.seqpe.model.image.ImageTask;
import org.seqpe.model.image.Patches;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.task.Tasks;

/** Builds our models from the configurations of golden cases, which speak the reference's language. */
public final class GoldenModels {
    private GoldenModels() {}

    /** The model of a case with "model" and "pe" settings. */
    static ModelSpec gpt2(GoldenCase golden) {
        JsonNode model = golden.config().get("model");
        JsonNode pe = golden.config().get("pe");
        golden.choice("model.activation", "gelu_new");
        golden.choice("pe.seqpe_activation_function", "gelu_new");
        PositionConfig position = new PositionConfig(
                encoding(golden),
                pe.get("pe_max_position").asInt(),
                pe.get("sinusoidal_pe_base").asDouble(),
                AlibiScaling.REFERENCE,
                model.get("n_positions").asInt(),
                PositionConfig.MixedTable.PUBLISHED,
                seqpe(golden, pe));
        ModelConfig config = new ModelConfig(
                model.get("vocab").asInt(),
                model.get("n_embd").asInt(),
                model.get("n_layer").asInt(),
                model.get("n_head").asInt(),
                model.get("n_inner").asInt(),
                0,
                model.get("layer_norm_eps").asDouble(),
                0.02,
                true,
                ModelConfig.Activation.GELU_TANH,
                0,
                position);
        return Tasks.spec(config, golden.config().get("seq_len").asInt());
    }

    private static Encoding encoding(GoldenCase golden) {
        return switch (golden.choice("pe.pe_type", "seq_pe", "rotary", "alibi", "sin", "vanilla", "nope")) {
            case "seq_pe" -> Encoding.SEQPE;
            case "rotary" -> Encoding.ROPE;
            case "alibi" -> Encoding.ALIBI;
            case "sin" -> Encoding.SINUSOIDAL;
            case "vanilla" -> Encoding.LEARNED;
            default -> Encoding.NONE;
        };
    }

    private static SeqPeConfig seqpe(GoldenCase golden, JsonNode pe) {
        Apply apply =
                switch (golden.choice(
                        "pe.pe_apply_method",
                        "input_add",
                        "attn_mul",
                        "attn_add",
                        "attn_scalar",
                        "rotary",
                        "rotary_2d",
                        "rotary_mixed",
                        "vanilla",
                        "alibi",
                        "nope")) {
                    case "input_add" -> Apply.INPUT_ADD;
                    case "attn_mul" -> Apply.ATTN_MUL;
                    case "attn_add" -> Apply.ATTN_ADD;
                    default -> Apply.ATTN_SCALAR;
                };
        Projection projection =
                switch (golden.choice("pe.use_pe_qk_per_layer", "single", "multi", "null")) {
                    case "single" -> Projection.SINGLE;
                    case "multi" -> Projection.MULTI;
                    default -> Projection.NONE;
                };
        return new SeqPeConfig(
                apply,
                projection,
                pe.get("use_pe_multi_head").asBoolean(),
                pe.get("pe_data_dim").asInt(),
                pe.get("seqpe_max_digits").asInt(),
                pe.get("pe_embed_dim").asInt(),
                pe.get("seqpe_layer_num").asInt(),
                direction(golden, "pe.seqpe_attn_direction"),
                pe.get("seqpe_last_layernorm").asBoolean(),
                pe.get("seqpe_mask_padding").asBoolean(),
                true,
                pe.get("seqpe_scale_attn_weights").asBoolean(),
                pe.get("seqpe_add_out_proj").asBoolean(),
                pe.get("seqpe_temperature").asDouble(),
                pe.path("seqpe_scalar_scale").asDouble(1),
                0,
                0,
                1,
                true);
    }

    public static Direction direction(GoldenCase golden, String key) {
        return golden.choice(key, "causal", "bi").equals("bi") ? Direction.BI : Direction.CAUSAL;
    }

    /** The objective of a case; sampling sizes play no part, because its positions are given. */
    static ObjectiveConfig objective(GoldenCase golden) {
        JsonNode pe = golden.config().get("pe");
        Metric metric =
                golden.choice("pe.seqpe_transfer_metric", "kl_div", "mse").equals("mse") ? Metric.MSE : Metric.KL;
        return new ObjectiveConfig(
                new ObjectiveConfig.Contrastive(
                        pe.get("seqpe_contrastive_weight").asDouble(), 1, 4, 1, 0, 0, 0),
                new ObjectiveConfig.Transfer(
                        pe.get("seqpe_transfer_weight").asDouble(),
                        1,
                        2,
                        pe.get("seqpe_transfer_beta").asDouble(),
                        metric,
                        pe.get("seqpe_logit_scaled_loss").asDouble(),
                        true),
                new ObjectiveConfig.Shift(0, 1, 1));
    }

    /** The model of an image case. */
    static ModelSpec vit(GoldenCase golden) {
        JsonNode model = golden.config().get("model");
        golden.choice("model.activation", "gelu (exact erf)");
        golden.choice("model.qkv_bias", "true");
        int patch = model.get("patch").asInt();
        return new ModelSpec(
                vitConfig(golden, golden.config().get("pe")),
                new ImageTask(
                        model.get("classes").asInt(),
                        new Patches(patch),
                        new Patches(patch)
                                .grid(model.get("img").asInt(), model.get("img").asInt()),
                        0));
    }

    private static ModelConfig vitConfig(GoldenCase golden, JsonNode pe) {
        JsonNode model = golden.config().get("model");
        boolean mixed = pe.get("pe_apply_method").asText().equals("rotary_mixed");
        PositionConfig position = new PositionConfig(
                mixed ? Encoding.ROPE_MIXED : encoding(golden),
                pe.get("pe_max_position").asInt(),
                pe.get("sinusoidal_pe_base").asDouble(),
                AlibiScaling.REFERENCE,
                0,
                PositionConfig.MixedTable.REFERENCE,
                seqpe(golden, pe));
        return new ModelConfig(
                0,
                model.get("dim").asInt(),
                model.get("depth").asInt(),
                model.get("heads").asInt(),
                model.get("dim").asInt() * model.get("mlp_ratio").asInt(),
                0,
                model.get("layer_norm_eps").asDouble(),
                0.02,
                false,
                ModelConfig.Activation.GELU_ERF,
                0,
                position);
    }

    /**
     * Where a golden array belongs.
     *
     * @param name our parameter
     * @param transposed whether the reference stores it the other way round, as PyTorch's nn.Linear does
     */
    private record Place(String name, boolean transposed) {
        /** Values of the golden array in our order. */
        double[] ours(ParameterLayout layout, double[] golden) {
            if (!transposed) {
                return golden;
            }
            int rows = Math.toIntExact(layout.entry(name).extents()[0]);
            int columns = golden.length / rows;
            double[] ours = new double[golden.length];
            for (int i = 0; i < golden.length; i++) {
                ours[i] = golden[i % columns * rows + i / columns];
            }
            return ours;
        }
    }

    /** Our name of a golden parameter. */
    static String name(ParameterLayout layout, String shortName) {
        return place(layout, shortName).name();
    }

    private static Place place(ParameterLayout layout, String shortName) {
        boolean ofImages = layout.contains("patch_embed.proj.weight");
        for (String reference : GoldenSet.current().referenceNames(shortName)) {
            if (ofImages && reference.startsWith("transformer.")) {
                continue; // GPT-2's name of the same thing
            }
            for (String name : List.of(ParameterLayout.POSITION_PREFIX + reference, reference)) {
                if (layout.contains(name)) {
                    return new Place(name, false);
                }
            }
            String ofTrunk = ofTrunk(reference);
            if (layout.contains(ofTrunk)) {
                return new Place(ofTrunk, ofTrunk.endsWith(".weight") && ofTrunk.contains(".c_"));
            }
        }
        throw new AssertionError("The layout has no parameter for the golden " + shortName + ": "
                + GoldenSet.current().referenceNames(shortName));
    }

    /** What our trunk calls a parameter of timm's Vision Transformer. */
    private static String ofTrunk(String timm) {
        return timm.replaceFirst("^blocks\\.", "transformer.h.")
                .replace(".norm1.", ".ln_1.")
                .replace(".norm2.", ".ln_2.")
                .replace(".attn.qkv.", ".attn.c_attn.")
                .replace(".attn.proj.", ".attn.c_proj.")
                .replace(".mlp.fc1.", ".mlp.c_fc.")
                .replace(".mlp.fc2.", ".mlp.c_proj.")
                .replaceFirst("^norm\\.", "transformer.ln_f.")
                .replaceFirst("^pe_qk\\.", "transformer.pe_qk.")
                .replaceFirst("^pos_embed$", "transformer.wpe.weight")
                .replaceFirst("^freqs$", "rope_freqs");
    }

    /** Parameters on a device with the values of {@code param/*}; every parameter of ours must be among them. */
    public static Parameters parameters(GoldenCase golden, ParameterLayout layout, Device device) {
        Parameters parameters = Parameters.allocate(layout, device);
        List<String> missing = new ArrayList<>(
                layout.entries().stream().map(ParameterLayout.Entry::name).toList());
        for (String array : golden.names("param/")) {
            Place place = place(layout, array.substring("param/".length()));
            String name = place.name();
            Tensor value = parameters.weight(name).value();
            double[] ours = place.ours(layout, golden.doubles(array));
            float[] values = new float[ours.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ours[i];
            }
            if (values.length != value.size()) {
                throw new AssertionError(
                        name + ": expected " + value.size() + " values, the golden " + array + " has " + values.length);
            }
            value.upload(values);
            missing.remove(name);
        }
        if (!missing.isEmpty()) {
            throw new AssertionError("The golden case " + golden.name() + " has no values for " + missing);
        }
        parameters.valuesChanged();
        return parameters;
    }

    /**
     * Compares every parameter of ours with {@code final/*}.
     *
     * @param keyBiasBound absolute bound on key biases. Softmax does not see what all keys have in common, so their
     *     exact gradient is 0; what float32 leaves of it is of the size of Adam's epsilon, and Adam moves them by up to
     *     the learning rate at every step in a direction that means nothing. The reference's float64 leaves them where
     *     they were.
     */
    static void assertFinalValues(GoldenCase golden, Parameters parameters, double relative, double keyBiasBound) {
        for (String array : golden.names("final/")) {
            Place place = place(parameters.layout(), array.substring("final/".length()));
            String name = place.name();
            float[] actual = parameters.weight(name).value().toArray();
            double[] expected = place.ours(parameters.layout(), golden.doubles(array));
            int from = name.endsWith("attn.c_attn.bias")
                    ? actual.length / 3
                    : name.endsWith("pe_qk.bias") ? actual.length / 2 : 0;
            int to = name.endsWith("attn.c_attn.bias")
                    ? 2 * actual.length / 3
                    : name.endsWith("pe_qk.bias") ? actual.length : 0;
            for (int i = from; i < to; i++) {
                if (Math.abs(actual[i] - expected[i]) > keyBiasBound) {
                    throw new AssertionError("key bias " + i + " of " + name + ": expected " + expected[i] + " within "
                            + keyBiasBound + ", found " + actual[i]);
                }
                actual[i] = (float) expected[i];
            }
            Close.assertClose(actual, expected, relative, "final/" + name);
        }
    }

    /** Compares every gradient of ours with {@code grad/*}; one without a golden value must be zero. */
    public static void assertGradients(GoldenCase golden, Parameters parameters, double relative) {
        List<String> rest = new ArrayList<>(parameters.layout().entries().stream()
                .map(ParameterLayout.Entry::name)
                .toList());
        for (String array : golden.names("grad/")) {
            Place place = place(parameters.layout(), array.substring("grad/".length()));
            String name = place.name();
            Close.assertClose(
                    parameters.weight(name).gradient().toArray(),
                    place.ours(parameters.layout(), golden.doubles(array)),
                    relative,
                    "gradient of " + name);
            rest.remove(name);
        }
        for (String name : rest) {
            float[] gradient = parameters.weight(name).gradient().toArray();
            Close.assertClose(
                    gradient,
                    new double[gradient.length],
                    0,
                    "gradient of " + name + ", which the reference does not train");
        }
    }
}

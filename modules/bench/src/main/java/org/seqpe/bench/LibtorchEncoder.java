package org.seqpe.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.bench.LibtorchLayers.Linear;
import org.seqpe.bench.LibtorchLayers.Norm;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.seqpe.PositionDigits;

/**
 * SeqPE's position encoder in libtorch, with the recipes' settings (causal, a CLS vector, a last norm, an output
 * layer). It encodes each different position once. The first layer's norm and projections are computed once for each
 * digit at each place. The last layer computes the CLS vectors alone.
 */
final class LibtorchEncoder {
    /** The encoder's own, whatever the main model's is. */
    private static final double EPSILON = 1e-5;

    private static final String PREFIX = "position_encoder.";

    private final PositionDigits digits;
    private final int heads;
    private final int width;
    private final Tensor digitEmbedding;
    private final Tensor placeEmbedding;
    private final Tensor dimensionEmbedding;
    private final Tensor cls;
    private final List<LibtorchBlock> blocks = new ArrayList<>();
    private final Norm lastNorm;
    private final Linear output;
    private final Tensor digitIds;
    private final Tensor placeIds;
    private final Tensor dimensionIds;

    LibtorchEncoder(ModelSpec spec, LibtorchWeights weights, LibtorchProducts products) {
        SeqPeConfig config = spec.seqpe();
        if (config.layers() < 2) {
            throw new IllegalArgumentException(
                    "Cannot make the position encoder: expected at least 2 layers, found " + config.layers());
        }
        digits = PositionDigits.below(spec.position().maxPosition(), config.dimensions(), spec.digits());
        heads = spec.config().heads();
        width = spec.encoderWidth();
        digitEmbedding = weights.get(PREFIX + "token_of_seqpe_embed.weight");
        placeEmbedding = weights.get(PREFIX + "pos_of_seqpe_embed.weight");
        dimensionEmbedding = weights.get(PREFIX + "dim_token_embed", config.dimensions(), width);
        cls = weights.get(PREFIX + "cls_token_embed", 1, width);
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(
                    LibtorchBlock.of(weights, PREFIX + "transformers." + i, ".layernorm_", EPSILON, "tanh", products));
        }
        lastNorm = Norm.of(weights, PREFIX + "layernorm", EPSILON);
        output = Linear.of(weights, PREFIX + "out_proj", products);
        int inputs = PositionDigits.BASE * digits.slots();
        digitIds = ids(inputs, 1, PositionDigits.BASE);
        placeIds = ids(inputs, PositionDigits.BASE, digits.slots());
        dimensionIds = ids(inputs, PositionDigits.BASE * digits.digits(), digits.dimensions());
    }

    /** i / divisor % bound for every input i. */
    private static Tensor ids(int inputs, int divisor, int bound) {
        return LibtorchTensors.indices(
                IntStream.range(0, inputs).map(i -> i / divisor % bound).toArray(), inputs);
    }

    /**
     * The vectors of lists of positions, one list after the other [positions, W].
     *
     * @param lists the n coordinates of a position are adjacent
     */
    Tensor encode(int[]... lists) {
        int[] positions = IntStream.range(0, lists.length)
                .mapToObj(i -> lists[i])
                .flatMapToInt(IntStream::of)
                .toArray();
        int dimensions = digits.dimensions();
        int count = positions.length / dimensions;
        Map<Long, Integer> places = new HashMap<>();
        int[] rows = new int[count];
        int[] distinct = new int[positions.length];
        for (int i = 0; i < count; i++) {
            long key = 0;
            for (int j = 0; j < dimensions; j++) {
                key = key * digits.limit() + positions[i * dimensions + j];
            }
            Integer place = places.putIfAbsent(key, places.size());
            if (place == null) {
                rows[i] = places.size() - 1;
                System.arraycopy(positions, i * dimensions, distinct, rows[i] * dimensions, dimensions);
            } else {
                rows[i] = place;
            }
        }
        return torch.embedding(encodeDistinct(distinct, places.size()), LibtorchTensors.indices(rows, count));
    }

    private Tensor encodeDistinct(int[] positions, int count) {
        Tensor inputs = inputs(positions, count);
        Tensor table = torch.embedding(digitEmbedding, digitIds)
                .add(torch.embedding(placeEmbedding, placeIds))
                .add(torch.embedding(dimensionEmbedding, dimensionIds));
        table = torch.cat(new TensorVector(table, cls), 0);
        int last = blocks.size() - 1;
        Tensor x = torch.embedding(table, inputs);
        for (int i = 0; i < last; i++) {
            LibtorchBlock block = blocks.get(i);
            Tensor qkv = i == 0 ? torch.embedding(block.project(table), inputs) : block.project(x);
            Tensor all = qkv.view(count, length(), 3L * heads, width / heads);
            x = block.finish(
                    x,
                    LibtorchLayers.attention(
                            all.narrow(2, 0, heads),
                            all.narrow(2, heads, heads),
                            all.narrow(2, 2L * heads, heads),
                            true));
        }
        return output.apply(lastNorm.apply(lastLayer(blocks.get(last), x, count)));
    }

    /** The last layer for the CLS vectors alone, [count, C]. */
    private Tensor lastLayer(LibtorchBlock block, Tensor x, int count) {
        Tensor normed = block.norm1().apply(x);
        Tensor query = block.qkv()
                .outputs(0, width)
                .apply(normed.select(1, length() - 1))
                .view(count, 1, heads, width / heads);
        Tensor both =
                block.qkv().outputs(width, 2L * width).apply(normed).view(count, length(), 2L * heads, width / heads);
        Tensor attended =
                LibtorchLayers.attention(query, both.narrow(2, 0, heads), both.narrow(2, heads, heads), false);
        return block.finish(x.select(1, length() - 1), attended.view(count, width));
    }

    /** Digits of a position and CLS. */
    private int length() {
        return digits.slots() + 1;
    }

    /** Which row of the table each element reads, [count, places]. */
    private Tensor inputs(int[] positions, int count) {
        int slots = digits.slots();
        int[] symbols = new int[count * slots];
        digits.write(positions, 0, count, symbols);
        int[] inputs = new int[count * length()];
        for (int i = 0; i < count; i++) {
            for (int place = 0; place < slots; place++) {
                inputs[i * length() + place] = PositionDigits.BASE * place + symbols[i * slots + place];
            }
            inputs[i * length() + slots] = PositionDigits.BASE * slots;
        }
        return LibtorchTensors.indices(inputs, count, length());
    }
}

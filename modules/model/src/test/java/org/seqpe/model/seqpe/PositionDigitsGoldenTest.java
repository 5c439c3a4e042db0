package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;

/**
 * Digits, padding and who sees whom, against the reference's prepare_seqpe_data. All integers, so equality is exact.
 */
class PositionDigitsGoldenTest {

    @ParameterizedTest(name = "{0}")
    @GoldenSource("position_digits")
    void digitsAndPaddingAreTheReferences(GoldenCase golden) {
        for (int dimensions = 1; dimensions <= 2; dimensions++) {
            String suffix = "_" + dimensions + "d";
            PositionDigits layout = layout(golden, dimensions);
            int[] positions = golden.ints("in/positions" + suffix);
            assertThat(layout.write(positions)).containsExactly(golden.ints("out/digits" + suffix));
            assertThat(layout.paddingMask(positions)).containsExactly(golden.ints("out/pad_mask" + suffix));
        }
        int[] limits = golden.ints("in/digit_num_arg");
        assertThat(IntStream.of(limits)
                        .map(limit -> PositionConfig.digitsFor(limit, 1))
                        .toArray())
                .containsExactly(golden.ints("out/digit_num"));
    }

    /**
     * The keys of every element are the ones of the reference's mask, for each setting and with and without sharing.
     * Padded digits may be left out where padding is masked; then nobody who is read may see them.
     */
    @ParameterizedTest(name = "{0}")
    @GoldenSource("position_digits")
    void elementsSeeWhatTheReferencesMaskAllows(GoldenCase golden) {
        for (String mask : golden.names("out/mask_")) {
            List<String> words = List.of(mask.substring("out/mask_".length()).split("_"));
            assertThat(words).hasSize(4);
            assertThat(words.get(0)).isIn("1d", "2d");
            assertThat(words.get(1)).isIn("causal", "bi");
            assertThat(words.get(2)).isIn("maskpad", "nomaskpad");
            assertThat(words.get(3)).isIn("cls", "nocls");
            for (boolean share : new boolean[] {false, true}) {
                check(golden, mask, words, share);
            }
        }
    }

    private static void check(GoldenCase golden, String mask, List<String> words, boolean share) {
        int dimensions = words.get(0).equals("1d") ? 1 : 2;
        boolean maskPadding = words.get(2).equals("maskpad");
        boolean cls = words.get(3).equals("cls");
        PositionDigits layout = layout(golden, dimensions);
        int[] positions = golden.ints("in/positions_" + words.get(0));
        int[] padding = layout.paddingMask(positions);
        int[] allowed = golden.ints(mask);
        int count = positions.length / dimensions;
        PrefixTree tree = new PrefixTree(layout, words.get(1).equals("causal"), maskPadding, cls, share);
        tree.build(positions, 0, count);
        int slots = tree.keySlots();
        for (int position = 0; position < count; position++) {
            int output = tree.firstTip() + tree.outputs()[position];
            assertThat(tree.inputs()[output] / 10).isEqualTo(slots - 1);
            // Every element that the output depends on, through any number of layers.
            TreeSet<Integer> reached = new TreeSet<>(List.of(output));
            for (List<Integer> open = new ArrayList<>(reached); !open.isEmpty(); ) {
                for (int key : keys(tree, open.remove(open.size() - 1))) {
                    if (reached.add(key)) {
                        open.add(key);
                    }
                }
            }
            for (int element : reached) {
                int row = tree.inputs()[element] / 10;
                if (maskPadding && row < layout.slots()) {
                    assertThat(padding[position * layout.slots() + row])
                            .as("%s: slot %d is no padding", mask, row)
                            .isEqualTo(1);
                }
                int from = (position * slots + row) * slots;
                int[] expected = IntStream.range(0, slots)
                        .filter(column -> allowed[from + column] == 1)
                        .toArray();
                assertThat(keys(tree, element).stream()
                                .mapToInt(key -> tree.inputs()[key] / 10)
                                .toArray())
                        .as("%s, position %d, slot %d", mask, position, row)
                        .containsExactly(expected);
            }
        }
    }

    private static List<Integer> keys(PrefixTree tree, int element) {
        return IntStream.range(0, tree.keySlots())
                .map(i -> tree.keys()[element * tree.keySlots() + i])
                .takeWhile(key -> key >= 0)
                .boxed()
                .toList();
    }

    private static PositionDigits layout(GoldenCase golden, int dimensions) {
        return PositionDigits.of(
                golden.config().get("max_digits_" + dimensions + "d").asInt(), dimensions);
    }
}

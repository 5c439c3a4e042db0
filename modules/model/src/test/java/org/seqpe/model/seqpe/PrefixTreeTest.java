package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefixTreeTest {

    @Test
    void positionsShareTheirPrefixesAndDuplicatesShareAll() {
        PrefixTree tree = new PrefixTree(PositionDigits.of(3, 1), true, false, true, true);
        tree.build(new int[] {12, 15, 12, 112}, 0, 4);
        // 0-1-2, then 5 under 0-1, then 1-1-2, then the three vectors.
        assertThat(inputs(tree)).containsExactly(0, 11, 22, 25, 1, 11, 22, 30, 30, 30);
        assertThat(tree.inputCount()).isEqualTo(31);
        assertThat(tree.firstTip()).isEqualTo(7);
        assertThat(tree.tips()).isEqualTo(3);
        assertThat(Arrays.copyOf(tree.outputs(), 4)).containsExactly(0, 1, 0, 2);
        assertThat(keys(tree, 3)).containsExactly(0, 1, 3, -1);
        assertThat(keys(tree, 7)).containsExactly(0, 1, 2, 7);
        assertThat(keys(tree, 8)).containsExactly(0, 1, 3, 8);
        assertThat(keys(tree, 9)).containsExactly(4, 5, 6, 9);
        assertThat(Arrays.copyOfRange(tree.inputKeys(), 8 * 4, 9 * 4)).containsExactly(0, 11, 25, 30);
    }

    @Test
    void rowsComeBeforeColumnsAndLastDigitsAfterAllOthers() {
        PrefixTree tree = new PrefixTree(PositionDigits.of(1, 2), true, false, false, true);
        tree.build(new int[] {3, 4, 3, 5, 4, 4}, 0, 3);
        assertThat(inputs(tree)).containsExactly(3, 4, 14, 15, 14);
        assertThat(tree.tips()).isEqualTo(3);
        assertThat(Arrays.copyOf(tree.outputs(), 3)).containsExactly(0, 1, 2);
        assertThat(keys(tree, 4)).containsExactly(1, 4);
    }

    @Test
    void withoutSharingEveryPositionHasItsOwnElements() {
        PrefixTree tree = new PrefixTree(PositionDigits.of(2, 1), true, false, true, false);
        tree.build(new int[] {7, 7}, 0, 2);
        assertThat(tree.elements()).isEqualTo(tree.mostElements(2)).isEqualTo(6);
        assertThat(Arrays.copyOf(tree.outputs(), 2)).containsExactly(0, 1);
        assertThat(keys(tree, 5)).containsExactly(2, 3, 5);
        assertThat(keys(tree, 3)).containsExactly(2, 3, -1);
    }

    @Test
    void withoutClsTheLastDigitsAreTheTipsOfChainsToo() {
        PrefixTree tree = new PrefixTree(PositionDigits.of(2, 1), false, false, false, true);
        tree.build(new int[] {7, 31}, 0, 2);
        assertThat(inputs(tree)).containsExactly(0, 3, 17, 11);
        assertThat(keys(tree, 0)).containsExactly(0, 2);
        assertThat(keys(tree, 3)).containsExactly(1, 3);
    }

    @Test
    void maskedPaddingIsLeftOut() {
        PrefixTree tree = new PrefixTree(PositionDigits.of(3, 1), false, true, true, false);
        tree.build(new int[] {0, 42}, 0, 2);
        assertThat(inputs(tree)).containsExactly(20, 14, 22, 30, 30);
        assertThat(keys(tree, 1)).containsExactly(1, 2, 4, -1);
        assertThat(keys(tree, 4)).containsExactly(1, 2, 4, -1);
    }

    /**
     * The count that makes sharing worth its name (method.md section 2), and that a plan does not depend on the plans
     * before it.
     */
    @Test
    void aTrainingStepNeedsAboutOneDigitElementAPosition() {
        int[] window = IntStream.range(0, 2048).toArray();
        PrefixTree fresh = new PrefixTree(PositionDigits.of(5, 1), true, false, true, true);
        fresh.build(window, 0, 2048);
        assertThat(fresh.firstTip()).isEqualTo(2048 + 205 + 21 + 3 + 1);
        assertThat(fresh.tips()).isEqualTo(2048);

        PrefixTree used = new PrefixTree(PositionDigits.of(5, 1), true, false, true, true);
        used.build(IntStream.range(0, 5000).map(i -> i * 7919 % 100_000).toArray(), 0, 5000);
        used.build(window, 0, 2048);
        assertThat(used.elements()).isEqualTo(fresh.elements());
        assertThat(Arrays.copyOf(used.keys(), used.elements() * used.keySlots()))
                .isEqualTo(Arrays.copyOf(fresh.keys(), fresh.elements() * fresh.keySlots()));
        assertThat(Arrays.copyOf(used.outputs(), 2048)).isEqualTo(Arrays.copyOf(fresh.outputs(), 2048));
    }

    /**
     * Far more elements than a new tree has memory for: reading back what each position's last element attends to gives
     * the position's digits.
     */
    @Test
    void aTreeThatGrowsManyTimesStillSpellsEveryPosition() {
        PositionDigits digits = PositionDigits.of(6, 1);
        int[] positions = IntStream.range(0, 5000)
                .map(i -> i * 7919 % 1_000_003 % 1_000_000)
                .toArray();
        int[] written = digits.write(positions);
        for (boolean share : new boolean[] {true, false}) {
            PrefixTree tree = new PrefixTree(digits, true, false, true, share);
            tree.build(positions, 0, positions.length);
            for (int position = 0; position < positions.length; position++) {
                int tip = tree.firstTip() + tree.outputs()[position];
                int[] seen = keys(tree, tip);
                assertThat(seen[6])
                        .as("last key of position %d", positions[position])
                        .isEqualTo(tip);
                for (int place = 0; place < 6; place++) {
                    assertThat(tree.inputs()[seen[place]])
                            .as("digit %d of position %d", place, positions[position])
                            .isEqualTo(10 * place + written[6 * position + place]);
                    assertThat(tree.inputKeys()[tip * 7 + place]).isEqualTo(tree.inputs()[seen[place]]);
                    assertThat(Arrays.copyOf(keys(tree, seen[place]), place + 1))
                            .as("what the digit sees")
                            .isEqualTo(Arrays.copyOf(seen, place + 1));
                }
            }
        }
    }

    private static int[] inputs(PrefixTree tree) {
        return Arrays.copyOf(tree.inputs(), tree.elements());
    }

    private static int[] keys(PrefixTree tree, int element) {
        return Arrays.copyOfRange(tree.keys(), element * tree.keySlots(), (element + 1) * tree.keySlots());
    }
}

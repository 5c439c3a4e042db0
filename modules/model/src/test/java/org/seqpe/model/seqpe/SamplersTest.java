package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.Grid;
import org.seqpe.model.position.Agreement;

/**
 * What training relies on beyond the distributions: draws are functions of (seed, replica, step), and sizes that cannot
 * work are refused.
 */
class SamplersTest {
    private static final PositionDigits TEXT = PositionDigits.below(20_000, 1, 0);
    private static final Grid WINDOW = new Grid(128);
    private static final ObjectiveConfig.Shift SHIFT = new ObjectiveConfig.Shift(0.3, 8, 320);
    private static final ObjectiveConfig.Contrastive CONTRASTIVE =
            new ObjectiveConfig.Contrastive(0.1, 16, 32, 256, 0.25, 0, 0.4);
    private static final ObjectiveConfig.Transfer TRANSFER = transfer(16, 32);

    @Test
    void mainWindowsAreTheSameAfterAJump() {
        MainSampler inOrder = new MainSampler(TEXT, WINDOW, SHIFT, 1, 0);
        MainSampler jumping = new MainSampler(TEXT, WINDOW, SHIFT, 1, 0);
        int[][] drawn = new int[300][];
        for (int step = 0; step < drawn.length; step++) {
            drawn[step] = windows(inOrder, step);
        }
        for (int step : new int[] {250, 7, 7, 8, 299, 0}) {
            assertThat(windows(jumping, step)).as("step %d", step).isEqualTo(drawn[step]);
        }
        assertThat(windows(new MainSampler(TEXT, WINDOW, new ObjectiveConfig.Shift(1, 8, 320), 1, 1), 3))
                .isNotEqualTo(windows(new MainSampler(TEXT, WINDOW, new ObjectiveConfig.Shift(1, 8, 320), 1, 0), 3));
    }

    private static int[] windows(MainSampler sampler, long step) {
        MainWindows windows = new MainWindows(8, WINDOW);
        sampler.draw(step, windows);
        return Arrays.copyOf(windows.positions(), windows.count() * WINDOW.size());
    }

    @Test
    void contrastiveBatchesDependOnSeedReplicaAndStepOnly() {
        ContrastiveSampler sampler = new ContrastiveSampler(TEXT, CONTRASTIVE, ReferenceVariant.TEXT, 1, 0);
        int[] fifth = candidates(sampler, 5);
        int[] sixth = candidates(sampler, 6);
        // 16 pivots a step: step 2000 is in the second pass through the positions.
        int[] later = candidates(sampler, 2000);
        assertThat(candidates(sampler, 5)).isEqualTo(fifth).isNotEqualTo(sixth);
        assertThat(candidates(new ContrastiveSampler(TEXT, CONTRASTIVE, ReferenceVariant.TEXT, 1, 0), 2000))
                .isEqualTo(later);
        assertThat(candidates(new ContrastiveSampler(TEXT, CONTRASTIVE, ReferenceVariant.TEXT, 1, 1), 5))
                .isNotEqualTo(fifth);
        assertThat(candidates(new ContrastiveSampler(TEXT, CONTRASTIVE, ReferenceVariant.TEXT, 2, 0), 5))
                .isNotEqualTo(fifth);
    }

    private static int[] candidates(ContrastiveSampler sampler, long step) {
        ContrastiveBatch batch = new ContrastiveBatch(16, 32, 1);
        sampler.draw(step, batch);
        return batch.candidates();
    }

    @Test
    void transferBatchesDependOnSeedReplicaAndStepOnly() {
        TransferSampler sampler = new TransferSampler(TEXT, WINDOW, TRANSFER, ReferenceVariant.TEXT, 1, 0);
        int[] fifth = students(sampler, 5);
        int[] later = students(sampler, 2000);
        assertThat(students(sampler, 5)).isEqualTo(fifth);
        assertThat(students(new TransferSampler(TEXT, WINDOW, TRANSFER, ReferenceVariant.TEXT, 1, 0), 2000))
                .isEqualTo(later);
        assertThat(students(new TransferSampler(TEXT, WINDOW, TRANSFER, ReferenceVariant.TEXT, 1, 1), 5))
                .isNotEqualTo(fifth);
    }

    private static int[] students(TransferSampler sampler, long step) {
        TransferBatch batch = new TransferBatch(16, 32, 1);
        sampler.draw(step, batch);
        return batch.positions();
    }

    /** On a 50 x 50 grid edits of (4, 49) can give row 94: encodable with two digits, but no position. */
    @Test
    void hardNegativesStayOnTheGridUnlessAskedOtherwise() {
        PositionDigits grid = PositionDigits.below(2_500, 2, 0);
        ObjectiveConfig.Contrastive hard = new ObjectiveConfig.Contrastive(0.1, 16, 32, 196, 0.25, 0, 1);
        assertThat(largest(new ContrastiveSampler(grid, hard, ReferenceVariant.TEXT, 1, 0)))
                .isEqualTo(49);
        assertThat(largest(new ContrastiveSampler(grid, hard, ReferenceVariant.TEXT, true, 1, 0)))
                .isGreaterThan(49);
    }

    /**
     * (127, 127) reads 127127, beyond the 128 * 128 that edits are held below; a deletion still counts, as in the
     * reference.
     */
    @Test
    void pivotsInTheLastRowsHaveHardNegativesToo() {
        HardNegatives negatives = new HardNegatives(PositionDigits.below(128 * 128, 2, 0), false);
        int[] drawn = new int[2 * 2_000];
        int kept = negatives.draw(new RandomStream(1), new int[] {127, 127}, 0, 2_000, 0, drawn);
        assertThat(IntStream.range(0, kept).filter(i -> drawn[2 * i] == 27 && drawn[2 * i + 1] == 127))
                .isNotEmpty();
    }

    private static int largest(ContrastiveSampler sampler) {
        ContrastiveBatch batch = new ContrastiveBatch(16, 32, 2);
        int largest = 0;
        for (int step = 0; step < 50; step++) {
            sampler.draw(step, batch);
            largest = Math.max(largest, Arrays.stream(batch.candidates()).max().orElseThrow());
        }
        return largest;
    }

    /**
     * Drawing is part of every training step, which allocates nothing; a few dozen bytes of seed arithmetic remain
     * until the compiler removes them.
     */
    @Test
    void drawingAllocatesNextToNothing() {
        MainSampler main = new MainSampler(TEXT, WINDOW, SHIFT, 1, 0);
        ContrastiveSampler contrastive = new ContrastiveSampler(TEXT, CONTRASTIVE, ReferenceVariant.TEXT, 1, 0);
        TransferSampler transfer = new TransferSampler(TEXT, WINDOW, TRANSFER, ReferenceVariant.TEXT, 1, 0);
        PrefixTree tree = new PrefixTree(TEXT, true, false, true, true);
        MainWindows windows = new MainWindows(8, WINDOW);
        ContrastiveBatch pivots = new ContrastiveBatch(16, 32, 1);
        TransferBatch students = new TransferBatch(16, 32, 1);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = 0;
        for (int step = 0; step < 200; step++) {
            if (step == 100) {
                before = threads.getThreadAllocatedBytes(thread);
            }
            main.draw(step, windows);
            contrastive.draw(step, pivots);
            transfer.draw(step, students);
            tree.build(pivots.candidates(), 0, 512);
        }
        assertThat((threads.getThreadAllocatedBytes(thread) - before) / 100)
                .as("bytes a step")
                .isLessThan(1_000);
    }

    /**
     * The golden samples are too few to tell these apart: a window near the end is whole in text, but may be cut short
     * in the image variant.
     */
    @Test
    void windowsNearTheEndAreWholeInTextOnly() {
        assertThat(cutWindows(ReferenceVariant.TEXT)).isZero();
        // Of 400 equally likely starts, 31 leave fewer than 32 positions.
        Agreement.share(cutWindows(ReferenceVariant.IMAGE), 16 * 500, 31 / 400.0, "windows that are cut short");
    }

    private static long cutWindows(ReferenceVariant variant) {
        ObjectiveConfig.Contrastive windowsOnly = new ObjectiveConfig.Contrastive(0.1, 16, 32, 256, 0.25, 0, 0);
        ContrastiveSampler sampler =
                new ContrastiveSampler(PositionDigits.below(400, 1, 0), windowsOnly, variant, 1, 0);
        ContrastiveBatch batch = new ContrastiveBatch(16, 32, 1);
        long cut = 0;
        for (int step = 0; step < 500; step++) {
            sampler.draw(step, batch);
            cut += Arrays.stream(batch.special).filter(special -> special < 32).count();
        }
        return cut;
    }

    /**
     * The quickstart's size: every sampler works where the window takes up a large part of few positions, and where the
     * grid is not square.
     */
    @Test
    void smallAndOblongSpacesWork() {
        PositionDigits few = PositionDigits.below(40, 1, 0);
        ContrastiveBatch contrastive = new ContrastiveBatch(16, 32, 1);
        ContrastiveSampler contrastiveSampler = new ContrastiveSampler(few, CONTRASTIVE, ReferenceVariant.TEXT, 3, 0);
        TransferBatch transfer = new TransferBatch(4, 12, 1);
        TransferSampler transferSampler =
                new TransferSampler(few, new Grid(16), transfer(4, 12), ReferenceVariant.TEXT, 3, 0);
        PositionDigits grid = PositionDigits.below(400, 2, 0);
        Grid oblong = new Grid(3, 18);
        TransferBatch gridTransfer = new TransferBatch(4, 20, 2);
        TransferSampler gridSampler = new TransferSampler(grid, oblong, transfer(4, 20), ReferenceVariant.IMAGE, 3, 0);
        MainWindows windows = new MainWindows(2, oblong);
        MainSampler mainSampler = new MainSampler(grid, oblong, new ObjectiveConfig.Shift(1, 2, 30), 3, 0);
        for (int step = 0; step < 200; step++) {
            contrastiveSampler.draw(step, contrastive);
            assertThat(Arrays.stream(contrastive.candidates())).allMatch(position -> position >= 0 && position < 40);
            transferSampler.draw(step, transfer);
            assertThat(Arrays.stream(transfer.starts())).allMatch(start -> start >= 4 && start < 24);
            gridSampler.draw(step, gridTransfer);
            assertThat(Arrays.stream(gridTransfer.positions()))
                    .allMatch(coordinate -> coordinate >= 0 && coordinate < 20);
            assertThat(gridTransfer.starts()[0]).isGreaterThanOrEqualTo(3);
            mainSampler.draw(step, windows);
            assertThat(Arrays.stream(windows.positions())).allMatch(coordinate -> coordinate >= 0 && coordinate < 20);
        }
    }

    @Test
    void sizesThatCannotWorkAreRefused() {
        assertThatThrownBy(() -> new MainSampler(PositionDigits.below(130, 1, 0), WINDOW, SHIFT, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8 starts")
                .hasMessageContaining("found 3");
        assertThatThrownBy(() -> new MainSampler(PositionDigits.below(100, 1, 0), WINDOW, SHIFT, 1, 0))
                .hasMessageContaining("[128]")
                .hasMessageContaining("below 100");
        assertThatThrownBy(() -> new TransferSampler(
                        PositionDigits.below(160, 1, 0), WINDOW, TRANSFER, ReferenceVariant.TEXT, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no start")
                .hasMessageContaining("maxPosition");
        assertThatThrownBy(() -> new TransferSampler(TEXT, WINDOW, transfer(4, 129), ReferenceVariant.TEXT, 1, 0))
                .hasMessageContaining("129 transfer offsets");
        assertThatThrownBy(() -> new ContrastiveSampler(
                        PositionDigits.below(32, 1, 0), CONTRASTIVE, ReferenceVariant.TEXT, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32 candidates and 32 positions");
        assertThatThrownBy(() -> new Grid(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static ObjectiveConfig.Transfer transfer(int windows, int offsets) {
        return new ObjectiveConfig.Transfer(0.1, windows, offsets, 1, ObjectiveConfig.Transfer.Metric.KL, 1, true);
    }
}

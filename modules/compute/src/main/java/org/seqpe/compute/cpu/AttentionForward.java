package org.seqpe.compute.cpu;

import java.nio.ByteBuffer;
import org.seqpe.compute.Attention;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.Heads;
import org.seqpe.compute.HostTensor;

/**
 * Scaled dot-product attention by tiles of queries times blocks of keys, with a running maximum and sum in each row (Dao et al.,
 * FlashAttention, arXiv 2205.14135). A task owns whole tiles of queries, so nothing is shared; samples with the same position vectors
 * take their position logits from one product.
 */
public final class AttentionForward {
    /** Queries of a tile. */
    static final int QUERIES = 64;
    /** Keys of a block, a multiple of {@link #QUERIES} so that every query of a causal tile sees a key of each block. */
    static final int KEYS = 512;
    /** Multiply-adds of a task, so that many small attentions share one. */
    static final long TASK_WORK = 1L << 20;

    private final CpuContext context;
    private final HeadView query = new HeadView();
    private final HeadView key = new HeadView();
    private final HeadView value = new HeadView();
    private final HeadView positionQuery = new HeadView();
    private final HeadView positionKey = new HeadView();
    private final HeadView out = new HeadView();
    private final SampleGroups groups = new SampleGroups();
    private final Workers.Task tiles = this::attendTiles;
    /** Per worker, sample of the group and row of the tile. */
    private final float[][] maxima;
    private final float[][] sums;
    private Attention spec;
    private ByteBuffer logSumExp;
    private int tileCount;
    private int units;
    private int perTask;
    private int leading;

    public AttentionForward(CpuContext context) {
        this.context = context;
        maxima = new float[context.workers.threads()][QUERIES * SampleGroups.LARGEST];
        sums = new float[context.workers.threads()][QUERIES * SampleGroups.LARGEST];
    }

    /** As {@link org.seqpe.compute.Device#attention}. */
    public void run(Attention attention, Heads queries, Heads keys, Heads values, Heads positionQueries, Heads positionKeys, Heads target,
                    HostTensor logSumExps) {
        spec = attention;
        query.set(queries);
        key.set(keys);
        value.set(values);
        out.set(target);
        if (spec.hasPositions()) {
            positionQuery.set(positionQueries);
            positionKey.set(positionKeys);
        }
        logSumExp = logSumExps == null ? null : logSumExps.bytes();
        leading = leading(spec.length());
        for (Scratch tile : context.tiles) {
            tile.reserve(2L * QUERIES * leading);
        }
        tileCount = CpuContext.blocks(spec.length(), QUERIES);
        groups.set(spec, spec.heads() * tileCount);
        units = groups.count() * spec.heads() * tileCount;
        long unitWork = (long) groups.largest() * Math.min(QUERIES, spec.length()) * spec.length() * spec.width();
        perTask = (int) Math.max(1, Math.min(units, TASK_WORK / Math.max(1, unitWork)));
        context.workers.run(CpuContext.blocks(units, perTask), tiles);
    }

    /** Elements from row to row of a tile of logits: whole vectors. */
    static int leading(int length) {
        return CpuContext.blocks(Math.min(KEYS, length), Lanes.COUNT) * Lanes.COUNT;
    }

    private void attendTiles(int task, int worker) {
        for (int unit = task * perTask; unit < Math.min(units, (task + 1) * perTask); unit++) {
            int groupHead = unit / tileCount;
            attend(groupHead / spec.heads(), groupHead % spec.heads(), unit % tileCount * QUERIES, worker);
        }
    }

    private void attend(int group, int head, int first, int worker) {
        int rows = Math.min(QUERIES, spec.length() - first);
        int end = spec.causal() ? first + rows : spec.length();
        Blas blas = context.blas[worker];
        long tile = context.tiles[worker].address();
        for (int block = 0; block < end; block += KEYS) {
            int columns = Math.min(KEYS, end - block);
            if (spec.hasPositions()) {
                positionLogits(groups.window(group), head, first, rows, block, columns, worker);
            }
            for (int member = 0; member < groups.members(group); member++) {
                int base = groups.sample(group, member) * spec.length();
                if (spec.hasPositions()) {
                    copyPositionLogits(rows, worker);
                }
                blas.gemm(false, true, rows, columns, spec.width(), spec.scale(), query.addressOf(base + first, head), query.leading,
                        key.addressOf(base + block, head), key.leading, spec.hasPositions() ? 1 : 0, tile, leading);
                softmax(groups.sample(group, member), head, member * QUERIES, first, rows, block, columns, worker);
                blas.gemm(false, false, rows, spec.width(), columns, 1, tile, leading, value.addressOf(base + block, head), value.leading,
                        block == 0 ? 0 : 1, out.addressOf(base + first, head), out.leading);
            }
        }
        for (int member = 0; member < groups.members(group); member++) {
            finish(groups.sample(group, member), head, member * QUERIES, first, rows, worker);
        }
    }

    /** Writes the position term of a tile's logits after the tile. */
    private void positionLogits(int window, int head, int first, int rows, int block, int columns, int worker) {
        int base = window * spec.length();
        context.blas[worker].gemm(false, true, rows, columns, spec.positionWidth(), spec.scale() * spec.positionScale(),
                positionQuery.addressOf(base + first, head), positionQuery.leading, positionKey.addressOf(base + block, head), positionKey.leading,
                0, context.tiles[worker].address() + (long) QUERIES * leading * Float.BYTES, leading);
    }

    private void copyPositionLogits(int rows, int worker) {
        ByteBuffer tile = context.tiles[worker].bytes();
        tile.put(0, tile, QUERIES * leading * Float.BYTES, rows * leading * Float.BYTES);
    }

    /**
     * Turns the tile's logits into weights relative to the row's running maximum, and rescales what earlier blocks gave.
     *
     * @param state where the rows' maxima and sums stand
     */
    private void softmax(int sample, int head, int state, int first, int rows, int block, int columns, int worker) {
        ByteBuffer tile = context.tiles[worker].bytes();
        float[] max = maxima[worker];
        float[] sum = sums[worker];
        float slope = spec.slopes() == null ? 0 : spec.slopes()[head];
        for (int r = 0; r < rows; r++) {
            int at = r * leading * Float.BYTES;
            int row = first + r;
            int keys = spec.causal() ? Math.min(columns, row + 1 - block) : columns;
            float largest = SoftmaxRows.biasAndMax(tile, at, keys, slope, block - row);
            float kept = 0;
            if (block > 0) {
                largest = Math.max(largest, max[state + r]);
                kept = (float) Math.exp(max[state + r] - largest) * sum[state + r];
                if (largest > max[state + r]) {
                    int outAt = out.at(sample * spec.length() + row, head);
                    Elementwise.scale(out.bytes, outAt, outAt + spec.width() * Float.BYTES, (float) Math.exp(max[state + r] - largest));
                }
            }
            max[state + r] = largest;
            sum[state + r] = kept + SoftmaxRows.exponentials(tile, at, keys, columns, largest);
            if (spec.dropout() > 0) {
                int rowHash = Dropout.rowHash(spec.dropoutKey(), rowNumber(spec, sample, head, row));
                Mask.apply(rowHash, spec.dropout(), block, tile, at, tile, at, columns * Float.BYTES);
            }
        }
    }

    /** The row of the attention weights [B, H, T] for the mask and for logSumExp. */
    static long rowNumber(Attention spec, int sample, int head, int row) {
        return ((long) sample * spec.heads() + head) * spec.length() + row;
    }

    private void finish(int sample, int head, int state, int first, int rows, int worker) {
        for (int r = 0; r < rows; r++) {
            int outAt = out.at(sample * spec.length() + first + r, head);
            Elementwise.scale(out.bytes, outAt, outAt + spec.width() * Float.BYTES, 1 / sums[worker][state + r]);
            if (logSumExp != null) {
                int at = (int) rowNumber(spec, sample, head, first + r) * Float.BYTES;
                logSumExp.putFloat(at, (float) (maxima[worker][state + r] + Math.log(sums[worker][state + r])));
            }
        }
    }
}

package org.seqpe.compute.cpu;

import java.nio.ByteBuffer;
import org.seqpe.compute.Attention;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.Heads;
import org.seqpe.compute.HostTensor;

/**
 * Scaled dot-product attention by tiles of queries times blocks of keys, with a running maximum and sum in each row (Dao et al.,
 * FlashAttention, arXiv 2205.14135). A task owns whole tiles of queries, so nothing is shared.
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
    private final Workers.Task tiles = this::attendTiles;
    /** Per worker and row of the tile. */
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
        maxima = new float[context.workers.threads()][QUERIES];
        sums = new float[context.workers.threads()][QUERIES];
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
            tile.reserve((long) QUERIES * leading);
        }
        tileCount = CpuContext.blocks(spec.length(), QUERIES);
        units = spec.batch() * spec.heads() * tileCount;
        long unitWork = (long) Math.min(QUERIES, spec.length()) * spec.length() * spec.width();
        perTask = (int) Math.max(1, Math.min(units, TASK_WORK / Math.max(1, unitWork)));
        context.workers.run(CpuContext.blocks(units, perTask), tiles);
    }

    /** Elements from row to row of a tile of logits: whole vectors. */
    static int leading(int length) {
        return CpuContext.blocks(Math.min(KEYS, length), Lanes.COUNT) * Lanes.COUNT;
    }

    private void attendTiles(int task, int worker) {
        for (int unit = task * perTask; unit < Math.min(units, (task + 1) * perTask); unit++) {
            int sampleHead = unit / tileCount;
            attend(sampleHead / spec.heads(), sampleHead % spec.heads(), unit % tileCount * QUERIES, worker);
        }
    }

    private void attend(int sample, int head, int first, int worker) {
        int rows = Math.min(QUERIES, spec.length() - first);
        int end = spec.causal() ? first + rows : spec.length();
        int base = sample * spec.length();
        int positionBase = spec.hasPositions() ? sample % spec.positionBatch() * spec.length() : 0;
        Blas blas = context.blas[worker];
        long tile = context.tiles[worker].address();
        for (int block = 0; block < end; block += KEYS) {
            int columns = Math.min(KEYS, end - block);
            blas.gemm(false, true, rows, columns, spec.width(), spec.scale(), query.addressOf(base + first, head), query.leading,
                    key.addressOf(base + block, head), key.leading, 0, tile, leading);
            if (spec.hasPositions()) {
                blas.gemm(false, true, rows, columns, spec.positionWidth(), spec.scale() * spec.positionScale(),
                        positionQuery.addressOf(positionBase + first, head), positionQuery.leading,
                        positionKey.addressOf(positionBase + block, head), positionKey.leading, 1, tile, leading);
            }
            softmax(sample, head, first, rows, block, columns, worker);
            blas.gemm(false, false, rows, spec.width(), columns, 1, tile, leading, value.addressOf(base + block, head), value.leading,
                    block == 0 ? 0 : 1, out.addressOf(base + first, head), out.leading);
        }
        finish(sample, head, first, rows, worker);
    }

    /** Turns the tile's logits into weights relative to the row's running maximum, and rescales what earlier blocks gave. */
    private void softmax(int sample, int head, int first, int rows, int block, int columns, int worker) {
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
                largest = Math.max(largest, max[r]);
                kept = (float) Math.exp(max[r] - largest) * sum[r];
                if (largest > max[r]) {
                    int outAt = out.at(sample * spec.length() + row, head);
                    Elementwise.scale(out.bytes, outAt, outAt + spec.width() * Float.BYTES, (float) Math.exp(max[r] - largest));
                }
            }
            max[r] = largest;
            sum[r] = kept + SoftmaxRows.exponentials(tile, at, keys, columns, largest);
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

    private void finish(int sample, int head, int first, int rows, int worker) {
        for (int r = 0; r < rows; r++) {
            int outAt = out.at(sample * spec.length() + first + r, head);
            Elementwise.scale(out.bytes, outAt, outAt + spec.width() * Float.BYTES, 1 / sums[worker][r]);
            if (logSumExp != null) {
                int at = (int) rowNumber(spec, sample, head, first + r) * Float.BYTES;
                logSumExp.putFloat(at, (float) (maxima[worker][r] + Math.log(sums[worker][r])));
            }
        }
    }
}

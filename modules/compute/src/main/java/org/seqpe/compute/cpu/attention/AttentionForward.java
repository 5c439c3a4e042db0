package org.seqpe.compute.cpu.attention;

import java.nio.ByteBuffer;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.Heads;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.Mask;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Gemm;
import org.seqpe.compute.cpu.runtime.HeadView;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/**
 * Scaled dot-product attention by tiles of queries times blocks of keys, with a running maximum and sum in each row
 * (Dao et al., FlashAttention, arXiv 2205.14135). A task owns whole tiles of queries, so nothing is shared; samples
 * with the same position vectors take their position logits from one product. Under a causal mask a tile meets the keys
 * before it in whole blocks, and its own by strips of queries, so that little is computed above the diagonal.
 */
public final class AttentionForward {
    /**
     * Queries of a tile, and keys of a block: BLAS packs each block of keys anew for each tile, which 64 queries would
     * not repay.
     */
    private static final int TILE = 256;
    /** Queries of a strip on the diagonal. */
    private static final int STRIP = 64;
    /** Multiply-adds of a task, so that many small attentions share one. */
    public static final long TASK_WORK = 1L << 20;

    private final CpuContext context;
    private final TileOperands operands;
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
    private int tileRows;
    private int units;
    private int perTask;
    private int leading;

    public AttentionForward(CpuContext context, Elementwise elementwise) {
        this.context = context;
        operands = new TileOperands(context, elementwise);
        maxima = new float[context.workers.threads()][TILE * SampleGroups.LARGEST];
        sums = new float[context.workers.threads()][TILE * SampleGroups.LARGEST];
    }

    /** Computes {@link org.seqpe.compute.Device#attention}. */
    public void run(Attention attention, AttentionHeads in, Heads target, HostTensor logSumExps) {
        spec = attention;
        operands.begin();
        operands.set(query, in.query());
        operands.set(key, in.key());
        operands.set(value, in.value());
        out.set(target);
        if (spec.hasPositions()) {
            positionQuery.set(in.positionQuery());
            positionKey.set(in.positionKey());
        }
        logSumExp = logSumExps == null ? null : logSumExps.bytes();
        leading = leading(spec.length(), TILE);
        tileRows = Math.min(TILE, spec.length());
        for (Scratch tile : context.tiles) {
            tile.reserve(2L * tileRows * leading);
        }
        operands.reserveTiles(1, (long) tileRows * leading);
        int tileCount = CpuContext.blocks(spec.length(), TILE);
        groups.set(spec, spec.heads() * tileCount);
        units = groups.count() * spec.heads() * tileCount;
        long unitWork = (long) groups.largest() * tileRows * spec.length() * spec.width();
        perTask = (int) Math.max(1, Math.min(units, TASK_WORK / Math.max(1, unitWork)));
        context.workers.run(CpuContext.blocks(units, perTask), tiles);
    }

    /** Elements from row to row of a tile of logits with blocks of this many keys: whole vectors. */
    public static int leading(int length, int keys) {
        return CpuContext.blocks(Math.min(keys, length), Lanes.COUNT) * Lanes.COUNT;
    }

    /** Tiles with the most keys come first, so that threads end together. */
    private void attendTiles(int task, int worker) {
        int groupHeads = groups.count() * spec.heads();
        for (int unit = task * perTask; unit < Math.min(units, (task + 1) * perTask); unit++) {
            int groupHead = unit % groupHeads;
            attend(groupHead / spec.heads(), groupHead % spec.heads(), (units - 1 - unit) / groupHeads * TILE, worker);
        }
    }

    private void attend(int group, int head, int first, int worker) {
        int rows = Math.min(TILE, spec.length() - first);
        int end = spec.causal() ? first : spec.length();
        for (int block = 0; block < end; block += TILE) {
            attend(group, head, first, 0, rows, block, Math.min(TILE, end - block), worker);
        }
        for (int strip = 0; spec.causal() && strip < rows; strip += STRIP) {
            int height = Math.min(STRIP, rows - strip);
            attend(group, head, first, strip, height, first, strip + height, worker);
        }
        for (int member = 0; member < groups.members(group); member++) {
            finish(groups.sample(group, member), head, member * TILE, first, rows, worker);
        }
    }

    /** Some rows of the tile that begins at query {@code first} meet a block of keys. */
    private void attend(int group, int head, int first, int strip, int rows, int block, int columns, int worker) {
        Gemm products = operands.products(worker);
        long tile = context.tiles[worker].address();
        boolean shared = groups.members(group) > 1;
        if (spec.hasPositions()) {
            positionLogits(
                    groups.window(group),
                    head,
                    first + strip,
                    rows,
                    block,
                    columns,
                    shared ? tile + (long) tileRows * leading * Float.BYTES : tile,
                    worker);
        }
        for (int member = 0; member < groups.members(group); member++) {
            int base = groups.sample(group, member) * spec.length();
            int queries = base + first + strip;
            if (spec.hasPositions() && shared) {
                copyPositionLogits(rows, worker);
            }
            products.gemm(
                    false,
                    true,
                    rows,
                    columns,
                    spec.width(),
                    spec.scale(),
                    query.operandOf(queries, head),
                    query.leading,
                    key.operandOf(base + block, head),
                    key.leading,
                    spec.hasPositions() ? 1 : 0,
                    tile,
                    leading);
            softmax(
                    groups.sample(group, member),
                    head,
                    member * TILE + strip,
                    first + strip,
                    rows,
                    block,
                    columns,
                    worker);
            products.gemm(
                    false,
                    false,
                    rows,
                    spec.width(),
                    columns,
                    1,
                    operands.tile(context.tiles[worker].bytes(), tile, 0, (rows - 1) * leading + columns, worker),
                    leading,
                    value.operandOf(base + block, head),
                    value.leading,
                    block == 0 ? 0 : 1,
                    out.addressOf(queries, head),
                    out.leading);
        }
    }

    /** Writes the position term of a tile's logits. */
    private void positionLogits(
            int window, int head, int firstQuery, int rows, int block, int columns, long target, int worker) {
        int base = window * spec.length();
        context.blas[worker].gemm(
                false,
                true,
                rows,
                columns,
                spec.positionWidth(),
                spec.scale() * spec.positionScale(),
                positionQuery.addressOf(base + firstQuery, head),
                positionQuery.leading,
                positionKey.addressOf(base + block, head),
                positionKey.leading,
                0,
                target,
                leading);
    }

    /** The position term that samples share stands behind the tile. */
    private void copyPositionLogits(int rows, int worker) {
        ByteBuffer tile = context.tiles[worker].bytes();
        tile.put(0, tile, tileRows * leading * Float.BYTES, rows * leading * Float.BYTES);
    }

    /**
     * Turns the tile's logits into weights relative to the row's running maximum, and rescales what earlier blocks
     * gave.
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
                kept = sum[state + r];
                if (largest > max[state + r]) {
                    float factor = (float) Math.exp(max[state + r] - largest);
                    kept *= factor;
                    int outAt = out.at(sample * spec.length() + row, head);
                    Elementwise.scale(out.bytes, outAt, outAt + spec.width() * Float.BYTES, factor);
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
    public static long rowNumber(Attention spec, int sample, int head, int row) {
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

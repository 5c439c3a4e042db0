package org.seqpe.compute.cpu.attention;

import java.nio.ByteBuffer;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.Heads;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.HeadMath;
import org.seqpe.compute.cpu.runtime.Blas;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Gemm;
import org.seqpe.compute.cpu.runtime.HeadView;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/**
 * The gradients of attention, tile by tile: the weights are computed again from the logits and their log-sum-exp. A
 * task owns one or more heads of a sample, so that the gradients of its keys and values are its own; or of a group of
 * samples that share position vectors, whose position logits and their gradients are then one product for all. Each
 * head of a group writes its part of the gradients of position vectors apart, and the parts are added in order.
 */
public final class AttentionBackward {
    /** Queries of a tile. */
    private static final int QUERIES = 64;
    /**
     * Keys of a block, a multiple of {@link #QUERIES} so that every query of a causal tile sees a key of each block.
     */
    private static final int KEYS = 512;
    /** A worker's tiles. */
    private static final int WEIGHTS = 0;

    private static final int GRADIENTS = 1;
    private static final int POSITION_LOGITS = 2;
    private static final int POSITION_GRADIENTS = 3;

    private final CpuContext context;
    private final TileOperands operands;
    private final HeadView query = new HeadView();
    private final HeadView key = new HeadView();
    private final HeadView value = new HeadView();
    private final HeadView positionQuery = new HeadView();
    private final HeadView positionKey = new HeadView();
    private final HeadView out = new HeadView();
    private final HeadView dOut = new HeadView();
    private final HeadView dQuery = new HeadView();
    private final HeadView dKey = new HeadView();
    private final HeadView dValue = new HeadView();
    private final HeadView dPositionQuery = new HeadView();
    private final HeadView dPositionKey = new HeadView();
    private final SampleGroups groups = new SampleGroups();
    private final Workers.Task heads = this::backwardHeads;
    private final Workers.Task positions = this::sumPositions;
    private Attention spec;
    private ByteBuffer logSumExp;
    private int units;
    private int perTask;
    private int leading;
    private int rowsPerTask;

    public AttentionBackward(CpuContext context, Elementwise elementwise) {
        this.context = context;
        operands = new TileOperands(context, elementwise);
    }

    /** Computes {@link org.seqpe.compute.Device#attentionBackward}. */
    public void run(
            Attention attention,
            AttentionHeads in,
            Heads outs,
            HostTensor logSumExps,
            Heads dOuts,
            AttentionHeads gradients) {
        spec = attention;
        operands.begin();
        operands.set(query, in.query());
        operands.set(key, in.key());
        operands.set(value, in.value());
        out.set(outs);
        logSumExp = logSumExps.bytes();
        operands.set(dOut, dOuts);
        dQuery.set(gradients.query());
        dKey.set(gradients.key());
        dValue.set(gradients.value());
        leading = AttentionForward.leading(spec.length(), KEYS);
        for (Scratch tile : context.tiles) {
            tile.reserve(4L * QUERIES * leading);
        }
        operands.reserveTiles(2, (long) QUERIES * leading);
        groups.set(spec, spec.heads());
        units = groups.count() * spec.heads();
        if (spec.hasPositions()) {
            positionQuery.set(in.positionQuery());
            positionKey.set(in.positionKey());
            dPositionQuery.set(gradients.positionQuery());
            dPositionKey.set(gradients.positionKey());
            context.partials.reserve(2L * units * spec.length() * spec.positionWidth());
        }
        long unitWork = (long) groups.largest() * spec.length() * spec.length() * spec.width();
        perTask = (int) Math.max(1, Math.min(units, AttentionForward.TASK_WORK / 4 / Math.max(1, unitWork)));
        context.workers.run(CpuContext.blocks(units, perTask), heads);
        if (spec.hasPositions()) {
            long rowWork = (long) groups.count() / spec.positionBatch() * spec.heads() * spec.positionWidth();
            rowsPerTask = (int) Math.max(1, CpuContext.BLOCK / Math.max(1, rowWork));
            context.workers.run(CpuContext.blocks((long) spec.positionBatch() * spec.length(), rowsPerTask), positions);
        }
    }

    private void backwardHeads(int task, int worker) {
        for (int unit = task * perTask; unit < Math.min(units, (task + 1) * perTask); unit++) {
            // The last tile sees every key, so it writes the gradients that the earlier ones add to.
            boolean add = false;
            for (int first = (spec.length() - 1) / QUERIES * QUERIES; first >= 0; first -= QUERIES) {
                backward(unit, first, add, worker);
                add = true;
            }
        }
    }

    private void backward(int unit, int first, boolean add, int worker) {
        int group = unit / spec.heads();
        int head = unit % spec.heads();
        int rows = Math.min(QUERIES, spec.length() - first);
        int end = spec.causal() ? first + rows : spec.length();
        for (int block = 0; block < end; block += KEYS) {
            int columns = Math.min(KEYS, end - block);
            if (spec.hasPositions()) {
                positionLogits(groups.window(group), head, first, rows, block, columns, worker);
            }
            for (int member = 0; member < groups.members(group); member++) {
                backward(groups.sample(group, member), head, first, rows, block, columns, add ? 1 : 0, worker);
                if (spec.hasPositions()) {
                    sumLogitGradients(member, rows, worker);
                }
            }
            if (spec.hasPositions()) {
                positionGradients(unit, first, rows, block, columns, add ? 1 : 0, worker);
            }
        }
    }

    private void backward(int sample, int head, int first, int rows, int block, int columns, float beta, int worker) {
        int q = sample * spec.length() + first;
        int k = sample * spec.length() + block;
        Gemm products = operands.products(worker);
        long weights = tile(WEIGHTS, worker);
        long gradients = tile(GRADIENTS, worker);
        if (spec.hasPositions()) {
            ByteBuffer tiles = context.tiles[worker].bytes();
            tiles.put(WEIGHTS * tileBytes(), tiles, POSITION_LOGITS * tileBytes(), rows * leading * Float.BYTES);
        }
        products.gemm(
                false,
                true,
                rows,
                columns,
                spec.width(),
                spec.scale(),
                query.operandOf(q, head),
                query.leading,
                key.operandOf(k, head),
                key.leading,
                spec.hasPositions() ? 1 : 0,
                weights,
                leading);
        products.gemm(
                false,
                true,
                rows,
                columns,
                spec.width(),
                1,
                dOut.operandOf(q, head),
                dOut.leading,
                value.operandOf(k, head),
                value.leading,
                0,
                gradients,
                leading);
        softmaxBackward(sample, head, first, rows, block, columns, worker);
        long weightOperands = operand(WEIGHTS, rows, columns, worker);
        long gradientOperands = operand(GRADIENTS, rows, columns, worker);
        products.gemm(
                true,
                false,
                columns,
                spec.width(),
                rows,
                1,
                weightOperands,
                leading,
                dOut.operandOf(q, head),
                dOut.leading,
                beta,
                dValue.addressOf(k, head),
                dValue.leading);
        products.gemm(
                true,
                false,
                columns,
                spec.width(),
                rows,
                spec.scale(),
                gradientOperands,
                leading,
                query.operandOf(q, head),
                query.leading,
                beta,
                dKey.addressOf(k, head),
                dKey.leading);
        products.gemm(
                false,
                false,
                rows,
                spec.width(),
                columns,
                spec.scale(),
                gradientOperands,
                leading,
                key.operandOf(k, head),
                key.leading,
                block == 0 ? 0 : 1,
                dQuery.addressOf(q, head),
                dQuery.leading);
    }

    private int tileBytes() {
        return QUERIES * leading * Float.BYTES;
    }

    /** The address of one of a worker's tiles. */
    private long tile(int number, int worker) {
        return context.tiles[worker].address() + (long) number * tileBytes();
    }

    /** The address of a tile as an operand. */
    private long operand(int number, int rows, int columns, int worker) {
        Scratch tiles = context.tiles[worker];
        return operands.tile(
                tiles.bytes(), tiles.address(), number * tileBytes(), (rows - 1) * leading + columns, worker);
    }

    private void positionLogits(int window, int head, int first, int rows, int block, int columns, int worker) {
        int base = window * spec.length();
        context.blas[worker].gemm(
                false,
                true,
                rows,
                columns,
                spec.positionWidth(),
                spec.scale() * spec.positionScale(),
                positionQuery.addressOf(base + first, head),
                positionQuery.leading,
                positionKey.addressOf(base + block, head),
                positionKey.leading,
                0,
                tile(POSITION_LOGITS, worker),
                leading);
    }

    private void sumLogitGradients(int member, int rows, int worker) {
        ByteBuffer tiles = context.tiles[worker].bytes();
        int sum = POSITION_GRADIENTS * tileBytes();
        int bytes = rows * leading * Float.BYTES;
        if (member == 0) {
            tiles.put(sum, tiles, GRADIENTS * tileBytes(), bytes);
        } else {
            Elementwise.add(tiles, sum, tiles, GRADIENTS * tileBytes(), tiles, sum, bytes);
        }
    }

    private void positionGradients(int unit, int first, int rows, int block, int columns, float beta, int worker) {
        int base = groups.window(unit / spec.heads()) * spec.length();
        int head = unit % spec.heads();
        float factor = spec.scale() * spec.positionScale();
        int width = spec.positionWidth();
        Blas blas = context.blas[worker];
        long gradients = tile(POSITION_GRADIENTS, worker);
        blas.gemm(
                false,
                false,
                rows,
                width,
                columns,
                factor,
                gradients,
                leading,
                positionKey.addressOf(base + block, head),
                positionKey.leading,
                block == 0 ? 0 : 1,
                context.partials.address() + part(unit, first),
                width);
        blas.gemm(
                true,
                false,
                columns,
                width,
                rows,
                factor,
                gradients,
                leading,
                positionQuery.addressOf(base + first, head),
                positionQuery.leading,
                beta,
                context.partials.address() + part(units + unit, block),
                width);
    }

    /**
     * Byte offset of a row in the parts of the position gradients: the queries' [groups, H, T, width], then the keys'.
     */
    private int part(int unit, int row) {
        return (unit * spec.length() + row) * spec.positionWidth() * Float.BYTES;
    }

    private void softmaxBackward(int sample, int head, int first, int rows, int block, int columns, int worker) {
        ByteBuffer tile = context.tiles[worker].bytes();
        float slope = spec.slopes() == null ? 0 : spec.slopes()[head];
        for (int r = 0; r < rows; r++) {
            int row = first + r;
            int at = r * leading * Float.BYTES;
            int gradientAt = GRADIENTS * tileBytes() + at;
            int keys = spec.causal() ? Math.min(columns, row + 1 - block) : columns;
            long number = AttentionForward.rowNumber(spec, sample, head, row);
            float sum = logSumExp.getFloat((int) number * Float.BYTES);
            int vector = sample * spec.length() + row;
            float delta = HeadMath.dot(
                    dOut.bytes, dOut.at(vector, head), out.bytes, out.at(vector, head), spec.width() * Float.BYTES);
            if (spec.dropout() > 0) {
                SoftmaxRows.backwardDropped(
                        tile,
                        at,
                        tile,
                        gradientAt,
                        keys,
                        columns,
                        slope,
                        block - row,
                        sum,
                        delta,
                        Dropout.rowHash(spec.dropoutKey(), number),
                        spec.dropout(),
                        block);
            } else {
                SoftmaxRows.backward(tile, at, tile, gradientAt, keys, columns, slope, block - row, sum, delta);
            }
        }
    }

    private void sumPositions(int task, int worker) {
        int all = spec.positionBatch() * spec.length();
        int groupsPerWindow = groups.count() / spec.positionBatch();
        for (int row = task * rowsPerTask; row < Math.min(all, (task + 1) * rowsPerTask); row++) {
            int window = row / spec.length();
            for (int group = window * groupsPerWindow; group < (window + 1) * groupsPerWindow; group++) {
                for (int head = 0; head < spec.heads(); head++) {
                    int unit = group * spec.heads() + head;
                    addPart(unit, row % spec.length(), dPositionQuery, row, head);
                    addPart(units + unit, row % spec.length(), dPositionKey, row, head);
                }
            }
        }
    }

    private void addPart(int unit, int step, HeadView target, int row, int head) {
        int at = target.at(row, head);
        Elementwise.add(
                target.bytes,
                at,
                context.partials.bytes(),
                part(unit, step),
                target.bytes,
                at,
                spec.positionWidth() * Float.BYTES);
    }
}

package org.seqpe.compute.cpu.row;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import org.seqpe.compute.Heads;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.HeadView;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/** Position vectors meeting head vectors, element by element: rotation, product, sum. */
public final class HeadKernels {
    private static final VectorShuffle<Float> SWAP_PAIRS = VectorShuffle.fromOp(FLOATS, i -> i ^ 1);
    private static final VectorShuffle<Float> TWICE_LOW = VectorShuffle.fromOp(FLOATS, i -> i / 2);
    private static final VectorShuffle<Float> TWICE_HIGH = VectorShuffle.fromOp(FLOATS, i -> Lanes.COUNT / 2 + i / 2);
    private static final FloatVector MINUS_PLUS = FloatVector.fromArray(FLOATS, signs(), 0);

    private final CpuContext context;
    private final HeadView x = new HeadView();
    private final HeadView pe = new HeadView();
    private final HeadView dOut = new HeadView();
    private final HeadView out = new HeadView();
    private final Workers.Task rotate = this::rotateRows;
    private final Workers.Task multiply = this::multiplyRows;
    private final Workers.Task add = this::addRows;
    private final Workers.Task copy = this::copyRows;
    private final Workers.Task multiplySum = this::sumProducts;
    private final Workers.Task sum = this::sumRows;
    private ByteBuffer sin;
    private ByteBuffer cos;
    private boolean perHead;
    private boolean inverse;
    private int rows;
    private int heads;
    private int width;
    private int tableRows;
    private int perTask;

    public HeadKernels(CpuContext context) {
        this.context = context;
    }

    private static float[] signs() {
        float[] signs = new float[Lanes.COUNT];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = i % 2 == 0 ? -1 : 1;
        }
        return signs;
    }

    /** Computes {@link org.seqpe.compute.Device#rotary}. */
    public void rotary(
            Heads source,
            int rowCount,
            int headCount,
            int headWidth,
            HostTensor sines,
            HostTensor cosines,
            boolean back,
            Heads target) {
        x.set(source);
        out.set(target);
        sin = sines.bytes();
        cos = cosines.bytes();
        perHead = sines.columns() > headWidth / 2;
        tableRows = (int) sines.rows();
        inverse = back;
        runRows(rowCount, headCount, headWidth, rotate);
    }

    /** Computes {@link org.seqpe.compute.Device#multiplyHeads}. */
    public void multiply(
            Heads source, int rowCount, int headCount, int headWidth, Heads positions, int positionRows, Heads target) {
        x.set(source);
        pe.set(positions);
        tableRows = positionRows;
        out.set(target);
        runRows(rowCount, headCount, headWidth, multiply);
    }

    /** Computes {@link org.seqpe.compute.Device#multiplyHeadsBackward}. */
    public void multiplyBackward(
            Heads upstream,
            Heads source,
            int rowCount,
            int headCount,
            int headWidth,
            Heads positions,
            int positionRows,
            Heads dX,
            Heads dPositions) {
        dOut.set(upstream);
        x.set(source);
        pe.set(dPositions);
        tableRows = positionRows;
        runTable(rowCount, headCount, headWidth, multiplySum);
        multiply(upstream, rowCount, headCount, headWidth, positions, positionRows, dX);
    }

    /** Computes {@link org.seqpe.compute.Device#addHeads}. */
    public void add(
            Heads source, int rowCount, int headCount, int headWidth, Heads positions, int positionRows, Heads target) {
        x.set(source);
        pe.set(positions);
        tableRows = positionRows;
        out.set(target);
        runRows(rowCount, headCount, headWidth, add);
    }

    /** Computes {@link org.seqpe.compute.Device#copyHeads}. */
    public void copy(Heads source, int rowCount, int headCount, int headWidth, Heads target) {
        x.set(source);
        out.set(target);
        runRows(rowCount, headCount, headWidth, copy);
    }

    private void copyRows(int task, int worker) {
        for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            for (int head = 0; head < heads; head++) {
                out.bytes.put(out.at(row, head), x.bytes, x.at(row, head), width);
            }
        }
    }

    /** Computes {@link org.seqpe.compute.Device#addHeadsBackward}. */
    public void addBackward(
            Heads upstream, int rowCount, int headCount, int headWidth, Heads dPositions, int positionRows) {
        dOut.set(upstream);
        pe.set(dPositions);
        tableRows = positionRows;
        runTable(rowCount, headCount, headWidth, sum);
    }

    private void size(int rowCount, int headCount, int headWidth) {
        rows = rowCount;
        heads = headCount;
        width = headWidth * Float.BYTES;
    }

    private void runRows(int rowCount, int headCount, int headWidth, Workers.Task task) {
        size(rowCount, headCount, headWidth);
        perTask = Math.max(1, CpuContext.BLOCK / (headCount * headWidth));
        context.workers.run(CpuContext.blocks(rowCount, perTask), task);
    }

    /** A task owns rows of the table and meets in order all rows that share them. */
    private void runTable(int rowCount, int headCount, int headWidth, Workers.Task task) {
        size(rowCount, headCount, headWidth);
        int sharing = CpuContext.blocks(rowCount, tableRows);
        perTask = (int) Math.max(1, CpuContext.BLOCK / Math.max(1, (long) headCount * headWidth * sharing));
        context.workers.run(CpuContext.blocks(Math.min(tableRows, rowCount), perTask), task);
    }

    private void rotateRows(int task, int worker) {
        int angles = width / 2;
        int tableBytes = perHead ? heads * angles : angles;
        for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            for (int head = 0; head < heads; head++) {
                int table = row % tableRows * tableBytes + (perHead ? head * angles : 0);
                rotate(
                        x.bytes,
                        x.at(row, head),
                        out.bytes,
                        out.at(row, head),
                        width,
                        sin,
                        cos,
                        table,
                        inverse ? -1 : 1);
            }
        }
    }

    private void multiplyRows(int task, int worker) {
        for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            for (int head = 0; head < heads; head++) {
                multiply(
                        x.bytes,
                        x.at(row, head),
                        pe.bytes,
                        pe.at(row % tableRows, head),
                        out.bytes,
                        out.at(row, head),
                        width);
            }
        }
    }

    private void addRows(int task, int worker) {
        for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            for (int head = 0; head < heads; head++) {
                Elementwise.add(
                        x.bytes,
                        x.at(row, head),
                        pe.bytes,
                        pe.at(row % tableRows, head),
                        out.bytes,
                        out.at(row, head),
                        width);
            }
        }
    }

    private void sumProducts(int task, int worker) {
        for (int shared = task * perTask; shared < Math.min(tableRows, (task + 1) * perTask); shared++) {
            for (int row = shared; row < rows; row += tableRows) {
                for (int head = 0; head < heads; head++) {
                    addProduct(
                            dOut.bytes,
                            dOut.at(row, head),
                            x.bytes,
                            x.at(row, head),
                            pe.bytes,
                            pe.at(shared, head),
                            width);
                }
            }
        }
    }

    private void sumRows(int task, int worker) {
        for (int shared = task * perTask; shared < Math.min(tableRows, (task + 1) * perTask); shared++) {
            for (int row = shared; row < rows; row += tableRows) {
                for (int head = 0; head < heads; head++) {
                    Elementwise.add(
                            pe.bytes,
                            pe.at(shared, head),
                            dOut.bytes,
                            dOut.at(row, head),
                            pe.bytes,
                            pe.at(shared, head),
                            width);
                }
            }
        }
    }

    private static void multiply(ByteBuffer x, int xAt, ByteBuffer y, int yAt, ByteBuffer out, int outAt, int bytes) {
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            fromByteBuffer(FLOATS, x, xAt + i, ORDER)
                    .mul(fromByteBuffer(FLOATS, y, yAt + i, ORDER))
                    .intoByteBuffer(out, outAt + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            out.putFloat(outAt + i, x.getFloat(xAt + i) * y.getFloat(yAt + i));
        }
    }

    private static void addProduct(ByteBuffer x, int xAt, ByteBuffer y, int yAt, ByteBuffer out, int outAt, int bytes) {
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            fromByteBuffer(FLOATS, x, xAt + i, ORDER)
                    .fma(fromByteBuffer(FLOATS, y, yAt + i, ORDER), fromByteBuffer(FLOATS, out, outAt + i, ORDER))
                    .intoByteBuffer(out, outAt + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            out.putFloat(outAt + i, Math.fma(x.getFloat(xAt + i), y.getFloat(yAt + i), out.getFloat(outAt + i)));
        }
    }

    /** One vector of angles turns two vectors of elements. */
    private static void rotate(
            ByteBuffer x,
            int xAt,
            ByteBuffer out,
            int outAt,
            int bytes,
            ByteBuffer sin,
            ByteBuffer cos,
            int table,
            float direction) {
        FloatVector sign = MINUS_PLUS.mul(direction);
        int i = 0;
        for (; i + 2 * Lanes.BYTES <= bytes; i += 2 * Lanes.BYTES) {
            FloatVector s = fromByteBuffer(FLOATS, sin, table + i / 2, ORDER);
            FloatVector c = fromByteBuffer(FLOATS, cos, table + i / 2, ORDER);
            FloatVector low = fromByteBuffer(FLOATS, x, xAt + i, ORDER);
            FloatVector high = fromByteBuffer(FLOATS, x, xAt + i + Lanes.BYTES, ORDER);
            FloatVector lowTurned = low.rearrange(SWAP_PAIRS).mul(sign).mul(s.rearrange(TWICE_LOW));
            FloatVector highTurned = high.rearrange(SWAP_PAIRS).mul(sign).mul(s.rearrange(TWICE_HIGH));
            low.fma(c.rearrange(TWICE_LOW), lowTurned).intoByteBuffer(out, outAt + i, ORDER);
            high.fma(c.rearrange(TWICE_HIGH), highTurned).intoByteBuffer(out, outAt + i + Lanes.BYTES, ORDER);
        }
        for (; i < bytes; i += 2 * Float.BYTES) {
            float s = sin.getFloat(table + i / 2) * direction;
            float c = cos.getFloat(table + i / 2);
            float x0 = x.getFloat(xAt + i);
            float x1 = x.getFloat(xAt + i + Float.BYTES);
            out.putFloat(outAt + i, x0 * c - x1 * s);
            out.putFloat(outAt + i + Float.BYTES, x1 * c + x0 * s);
        }
    }
}

package org.seqpe.compute.cpu.row;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/** Kernels in which element i of the result follows from the elements i of the operands. */
public final class Elementwise {
    private final CpuContext context;
    private final Workers.Task fill = this::fillBlock;
    private final Workers.Task copy = this::copyBlock;
    private final Workers.Task round = this::roundBlock;
    private final Workers.Task widen = this::widenBlock;
    private final Workers.Task axpy = this::axpyBlock;
    private final Workers.Task scale = this::scaleBlock;
    private final Workers.Task add = this::addBlock;
    private final Workers.Task gelu = this::geluBlock;
    private final Workers.Task geluBackward = this::geluBackwardBlock;
    private final Workers.Task sinCos = this::sinCosBlock;
    private ByteBuffer x;
    private ByteBuffer y;
    private ByteBuffer out;
    private float alpha;
    private int count;
    private Gelu form;

    public Elementwise(CpuContext context) {
        this.context = context;
    }

    public void fill(HostTensor target, float value) {
        out = target.bytes();
        alpha = value;
        run(target, fill);
    }

    /** Computes {@link org.seqpe.compute.Device#copy} between any two precisions. */
    public void copy(HostTensor source, HostTensor target) {
        if (source.precision() != target.precision()) {
            convert(source, target.bytes(), target.precision());
            return;
        }
        x = source.bytes();
        out = target.bytes();
        context.workers.run(CpuContext.blocks(out.capacity(), CpuContext.BLOCK * Float.BYTES), copy);
    }

    /** Writes the numbers of a tensor in the other precision. */
    public void convert(HostTensor source, ByteBuffer target, Precision precision) {
        x = source.bytes();
        out = target;
        count = (int) source.size();
        context.workers.run(
                CpuContext.blocks(count, CpuContext.BLOCK), precision == Precision.BFLOAT16 ? round : widen);
    }

    public void axpy(float factor, HostTensor source, HostTensor target) {
        x = source.bytes();
        out = target.bytes();
        alpha = factor;
        run(target, axpy);
    }

    public void scale(HostTensor target, float factor) {
        out = target.bytes();
        alpha = factor;
        run(target, scale);
    }

    public void add(HostTensor a, HostTensor b, HostTensor target) {
        x = a.bytes();
        y = b.bytes();
        out = target.bytes();
        run(target, add);
    }

    public void gelu(Gelu geluForm, HostTensor source, HostTensor target) {
        form = geluForm;
        x = source.bytes();
        out = target.bytes();
        run(target, gelu);
    }

    public void geluBackward(Gelu geluForm, HostTensor source, HostTensor dOut, HostTensor dX) {
        form = geluForm;
        x = source.bytes();
        y = dOut.bytes();
        out = dX.bytes();
        for (Scratch tile : context.tiles) {
            tile.reserve(GeluLoops.SCRATCH);
        }
        run(dX, geluBackward);
    }

    /** Computes {@link org.seqpe.compute.Device#sinCos} with the JDK's functions, which are exact to a rounding. */
    public void sinCos(HostTensor angles, HostTensor sin, HostTensor cos) {
        x = angles.bytes();
        y = cos.bytes();
        out = sin.bytes();
        run(sin, sinCos);
    }

    private void run(HostTensor target, Workers.Task task) {
        context.workers.run(CpuContext.blocks(target.size(), CpuContext.BLOCK), task);
    }

    private static int start(int block) {
        return block * CpuContext.BLOCK * Float.BYTES;
    }

    private int end(int block) {
        return (int) Math.min(out.capacity(), (block + 1L) * CpuContext.BLOCK * Float.BYTES);
    }

    private void fillBlock(int block, int worker) {
        fill(out, start(block), end(block), alpha);
    }

    private void copyBlock(int block, int worker) {
        out.put(start(block), x, start(block), end(block) - start(block));
    }

    private void roundBlock(int block, int worker) {
        int first = block * CpuContext.BLOCK;
        int some = Math.min(CpuContext.BLOCK, count - first);
        Rounding.round(x, first * Float.BYTES, out, first * Short.BYTES, some);
    }

    private void widenBlock(int block, int worker) {
        int first = block * CpuContext.BLOCK;
        int some = Math.min(CpuContext.BLOCK, count - first);
        Rounding.widen(x, first * Short.BYTES, out, first * Float.BYTES, some);
    }

    private void axpyBlock(int block, int worker) {
        axpy(alpha, x, start(block), out, start(block), end(block) - start(block));
    }

    private void scaleBlock(int block, int worker) {
        scale(out, start(block), end(block), alpha);
    }

    private void addBlock(int block, int worker) {
        add(x, start(block), y, start(block), out, start(block), end(block) - start(block));
    }

    private void geluBlock(int block, int worker) {
        GeluLoops.forward(form, x, start(block), out, start(block), end(block) - start(block), context.spare[worker]);
    }

    private void sinCosBlock(int block, int worker) {
        for (int at = start(block); at < end(block); at += Float.BYTES) {
            double angle = x.getFloat(at);
            out.putFloat(at, (float) Math.sin(angle));
            y.putFloat(at, (float) Math.cos(angle));
        }
    }

    private void geluBackwardBlock(int block, int worker) {
        GeluLoops.backward(
                form, x, y, out, start(block), end(block), context.tiles[worker].bytes(), context.spare[worker]);
    }

    // ---------------------------------------------------------------- loops over a stretch of memory, in bytes

    public static void fill(ByteBuffer out, int from, int to, float value) {
        FloatVector vector = FloatVector.broadcast(FLOATS, value);
        int at = from;
        for (int end = from + Lanes.whole(to - from); at < end; at += Lanes.BYTES) {
            vector.intoByteBuffer(out, at, ORDER);
        }
        for (; at < to; at += Float.BYTES) {
            out.putFloat(at, value);
        }
    }

    public static void scale(ByteBuffer out, int from, int to, float factor) {
        FloatVector vector = FloatVector.broadcast(FLOATS, factor);
        int at = from;
        for (int end = from + Lanes.whole(to - from); at < end; at += Lanes.BYTES) {
            fromByteBuffer(FLOATS, out, at, ORDER).mul(vector).intoByteBuffer(out, at, ORDER);
        }
        for (; at < to; at += Float.BYTES) {
            out.putFloat(at, out.getFloat(at) * factor);
        }
    }

    /** out += alpha x. */
    public static void axpy(float alpha, ByteBuffer x, int xAt, ByteBuffer out, int outAt, int bytes) {
        FloatVector factor = FloatVector.broadcast(FLOATS, alpha);
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            fromByteBuffer(FLOATS, x, xAt + i, ORDER)
                    .fma(factor, fromByteBuffer(FLOATS, out, outAt + i, ORDER))
                    .intoByteBuffer(out, outAt + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            out.putFloat(outAt + i, Math.fma(alpha, x.getFloat(xAt + i), out.getFloat(outAt + i)));
        }
    }

    public static void add(ByteBuffer x, int xAt, ByteBuffer y, int yAt, ByteBuffer out, int outAt, int bytes) {
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            fromByteBuffer(FLOATS, x, xAt + i, ORDER)
                    .add(fromByteBuffer(FLOATS, y, yAt + i, ORDER))
                    .intoByteBuffer(out, outAt + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            out.putFloat(outAt + i, x.getFloat(xAt + i) + y.getFloat(yAt + i));
        }
    }
}

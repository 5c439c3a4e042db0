package org.seqpe.compute.cpu.row;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;
import static org.seqpe.compute.cpu.runtime.Lanes.readTail;
import static org.seqpe.compute.cpu.runtime.Lanes.writeTail;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.VectorMath;

/**
 * GELU over a stretch of memory. The backward goes through working memory in a piece that stays in the first-level
 * cache: with two of the long functions in one loop the compiler no longer keeps every vector out of the heap.
 */
public final class GeluLoops {
    /** Elements of a piece. */
    private static final int PIECE = 1024;

    private static final int PIECE_BYTES = PIECE * Float.BYTES;
    /** Elements of working memory. */
    public static final int SCRATCH = 2 * PIECE;

    private GeluLoops() {}

    /** out = gelu(x); out may be x. */
    public static void forward(Gelu form, ByteBuffer x, int xAt, ByteBuffer out, int outAt, int bytes, float[] spare) {
        int whole = Lanes.whole(bytes);
        if (form == Gelu.TANH) {
            tanh(x, xAt, out, outAt, whole);
        } else {
            exact(x, xAt, out, outAt, whole);
        }
        if (whole < bytes) {
            readTail(x, xAt + whole, xAt + bytes, 0, spare);
            forwardTail(form, spare);
            writeTail(spare, out, outAt + whole, outAt + bytes);
        }
    }

    private static void forwardTail(Gelu form, float[] values) {
        FloatVector tail = FloatVector.fromArray(FLOATS, values, 0);
        if (form == Gelu.TANH) {
            tail.mul(VectorMath.tanhGate(tail)).intoArray(values, 0);
        } else {
            tail.mul(VectorMath.normalCdf(tail)).intoArray(values, 0);
        }
    }

    private static void tanh(ByteBuffer x, int xAt, ByteBuffer out, int outAt, int whole) {
        for (int i = 0; i < whole; i += Lanes.BYTES) {
            FloatVector values = fromByteBuffer(FLOATS, x, xAt + i, ORDER);
            values.mul(VectorMath.tanhGate(values)).intoByteBuffer(out, outAt + i, ORDER);
        }
    }

    private static void exact(ByteBuffer x, int xAt, ByteBuffer out, int outAt, int whole) {
        for (int i = 0; i < whole; i += Lanes.BYTES) {
            FloatVector values = fromByteBuffer(FLOATS, x, xAt + i, ORDER);
            values.mul(VectorMath.normalCdf(values)).intoByteBuffer(out, outAt + i, ORDER);
        }
    }

    /** dX = dOut * gelu'(x) from byte {@code from} to byte {@code to}; dX may be dOut. */
    public static void backward(
            Gelu form,
            ByteBuffer x,
            ByteBuffer dOut,
            ByteBuffer dX,
            int from,
            int to,
            ByteBuffer scratch,
            float[] spare) {
        int end = from + Lanes.whole(to - from);
        for (int at = from; at < end; at += PIECE_BYTES) {
            int bytes = Math.min(PIECE_BYTES, end - at);
            if (form == Gelu.TANH) {
                gates(x, at, bytes, scratch);
                tanhBackward(x, dOut, dX, at, bytes, scratch);
            } else {
                cdfs(x, at, bytes, scratch);
                densities(x, at, bytes, scratch);
                exactBackward(x, dOut, dX, at, bytes, scratch);
            }
        }
        if (end < to) {
            readTail(x, end, to, 0, spare);
            slopesOfTail(form, spare);
            for (int i = 0; end + i * Float.BYTES < to; i++) {
                int at = end + i * Float.BYTES;
                dX.putFloat(at, dOut.getFloat(at) * spare[i]);
            }
        }
    }

    private static void slopesOfTail(Gelu form, float[] values) {
        FloatVector tail = FloatVector.fromArray(FLOATS, values, 0);
        if (form == Gelu.TANH) {
            VectorMath.tanhSlope(tail, VectorMath.tanhGate(tail)).intoArray(values, 0);
        } else {
            tail.mul(VectorMath.normalDensity(tail))
                    .add(VectorMath.normalCdf(tail))
                    .intoArray(values, 0);
        }
    }

    private static void gates(ByteBuffer x, int at, int bytes, ByteBuffer scratch) {
        for (int i = 0; i < bytes; i += Lanes.BYTES) {
            VectorMath.tanhGate(fromByteBuffer(FLOATS, x, at + i, ORDER)).intoByteBuffer(scratch, i, ORDER);
        }
    }

    private static void tanhBackward(
            ByteBuffer x, ByteBuffer dOut, ByteBuffer dX, int at, int bytes, ByteBuffer gates) {
        for (int i = 0; i < bytes; i += Lanes.BYTES) {
            FloatVector slope = VectorMath.tanhSlope(
                    fromByteBuffer(FLOATS, x, at + i, ORDER), fromByteBuffer(FLOATS, gates, i, ORDER));
            fromByteBuffer(FLOATS, dOut, at + i, ORDER).mul(slope).intoByteBuffer(dX, at + i, ORDER);
        }
    }

    private static void cdfs(ByteBuffer x, int at, int bytes, ByteBuffer scratch) {
        for (int i = 0; i < bytes; i += Lanes.BYTES) {
            VectorMath.normalCdf(fromByteBuffer(FLOATS, x, at + i, ORDER)).intoByteBuffer(scratch, i, ORDER);
        }
    }

    private static void densities(ByteBuffer x, int at, int bytes, ByteBuffer scratch) {
        for (int i = 0; i < bytes; i += Lanes.BYTES) {
            VectorMath.normalDensity(fromByteBuffer(FLOATS, x, at + i, ORDER))
                    .intoByteBuffer(scratch, PIECE_BYTES + i, ORDER);
        }
    }

    private static void exactBackward(
            ByteBuffer x, ByteBuffer dOut, ByteBuffer dX, int at, int bytes, ByteBuffer scratch) {
        for (int i = 0; i < bytes; i += Lanes.BYTES) {
            FloatVector slope = fromByteBuffer(FLOATS, x, at + i, ORDER)
                    .fma(
                            fromByteBuffer(FLOATS, scratch, PIECE_BYTES + i, ORDER),
                            fromByteBuffer(FLOATS, scratch, i, ORDER));
            fromByteBuffer(FLOATS, dOut, at + i, ORDER).mul(slope).intoByteBuffer(dX, at + i, ORDER);
        }
    }
}

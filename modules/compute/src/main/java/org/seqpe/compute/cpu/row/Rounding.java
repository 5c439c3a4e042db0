package org.seqpe.compute.cpu.row;

import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;
import static org.seqpe.compute.cpu.runtime.Lanes.SHORTS;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cpu.runtime.Lanes;

/** Between float32 and bfloat16, over a stretch of memory; {@link Precision} has the same for one number. */
public final class Rounding {
    /** Half of the last place that stays, less one: ties are decided by the bit that {@link #round} adds. */
    private static final int HALF = 0x7fff;

    private static final int NAN = 0x7fff;

    private Rounding() {}

    /** Writes the nearest bfloat16 of some numbers, ties to even. */
    public static void round(ByteBuffer x, int xAt, ByteBuffer out, int outAt, int count) {
        int i = 0;
        for (int end = count & -Lanes.COUNT; i < end; i += Lanes.COUNT) {
            FloatVector values = FloatVector.fromByteBuffer(FLOATS, x, xAt + i * Float.BYTES, ORDER);
            IntVector bits = values.reinterpretAsInts();
            IntVector rounded = bits.lanewise(VectorOperators.LSHR, 16)
                    .and(1)
                    .add(HALF)
                    .add(bits)
                    .lanewise(VectorOperators.LSHR, 16)
                    .blend(NAN, values.test(VectorOperators.IS_NAN).cast(Lanes.INTS));
            ((ShortVector) rounded.convertShape(VectorOperators.I2S, SHORTS, 0))
                    .intoByteBuffer(out, outAt + i * Short.BYTES, ORDER);
        }
        for (; i < count; i++) {
            out.putShort(outAt + i * Short.BYTES, Precision.toBfloat16(x.getFloat(xAt + i * Float.BYTES)));
        }
    }

    /** Writes some numbers of bfloat16 as float32. */
    public static void widen(ByteBuffer x, int xAt, ByteBuffer out, int outAt, int count) {
        int i = 0;
        for (int end = count & -Lanes.COUNT; i < end; i += Lanes.COUNT) {
            ShortVector bits = ShortVector.fromByteBuffer(SHORTS, x, xAt + i * Short.BYTES, ORDER);
            ((IntVector) bits.convertShape(VectorOperators.S2I, Lanes.INTS, 0))
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .intoByteBuffer(out, outAt + i * Float.BYTES, ORDER);
        }
        for (; i < count; i++) {
            out.putFloat(outAt + i * Float.BYTES, Precision.fromBfloat16(x.getShort(xAt + i * Short.BYTES)));
        }
    }
}

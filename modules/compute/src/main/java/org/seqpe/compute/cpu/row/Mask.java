package org.seqpe.compute.cpu.row;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.cpu.runtime.Lanes;

/** {@link Dropout}'s mask for the columns of a row, a vector at a time. */
public final class Mask {
    private Mask() {}

    /** out = x * the factors of columns {@code column}, column + 1, ... of the row with this hash; out may be x. */
    public static void apply(
            int rowHash, float rate, int column, ByteBuffer x, int xAt, ByteBuffer out, int outAt, int bytes) {
        int threshold = Dropout.threshold(rate);
        float keep = Dropout.keepScale(rate);
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            // Dropout.bits of as many columns; not in a method of its own, which the compiler may call with vectors on
            // the heap.
            IntVector bits = Lanes.INT_INDEX
                    .add(column + i / Float.BYTES)
                    .mul(Dropout.COLUMN_STEP)
                    .add(rowHash);
            bits = bits.lanewise(VectorOperators.LSHR, 16)
                    .lanewise(VectorOperators.XOR, bits)
                    .mul(Dropout.MIX_1);
            bits = bits.lanewise(VectorOperators.LSHR, 15)
                    .lanewise(VectorOperators.XOR, bits)
                    .mul(Dropout.MIX_2);
            bits = bits.lanewise(VectorOperators.LSHR, 16)
                    .lanewise(VectorOperators.XOR, bits)
                    .lanewise(VectorOperators.LSHR, 1);
            FloatVector kept = fromByteBuffer(FLOATS, x, xAt + i, ORDER).mul(keep);
            kept.blend(0f, bits.compare(VectorOperators.LT, threshold).cast(FLOATS))
                    .intoByteBuffer(out, outAt + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            boolean dropped = Dropout.bits(rowHash, column + i / Float.BYTES) < threshold;
            out.putFloat(outAt + i, dropped ? 0 : x.getFloat(xAt + i) * keep);
        }
    }
}

package org.seqpe.compute.cpu.row;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.seqpe.compute.cpu.runtime.Lanes;

/** The dot product of head vectors. */
public final class HeadMath {
    private HeadMath() {}

    public static float dot(ByteBuffer x, int xAt, ByteBuffer y, int yAt, int bytes) {
        FloatVector sums = FloatVector.zero(FLOATS);
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            sums = fromByteBuffer(FLOATS, x, xAt + i, ORDER).fma(fromByteBuffer(FLOATS, y, yAt + i, ORDER), sums);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
        for (; i < bytes; i += Float.BYTES) {
            sum = Math.fma(x.getFloat(xAt + i), y.getFloat(yAt + i), sum);
        }
        return sum;
    }
}

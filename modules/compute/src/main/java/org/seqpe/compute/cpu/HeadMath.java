package org.seqpe.compute.cpu;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.Lanes.FLOATS;
import static org.seqpe.compute.cpu.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The dot product of head vectors. */
final class HeadMath {
    private HeadMath() {
    }

    static float dot(ByteBuffer x, int xAt, ByteBuffer y, int yAt, int bytes) {
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

package org.seqpe.compute.cpu;

import static org.seqpe.compute.cpu.Lanes.load;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The dot product of head vectors. */
final class HeadMath {
    private HeadMath() {
    }

    static float dot(ByteBuffer x, int xAt, ByteBuffer y, int yAt, int bytes) {
        FloatVector sums = Lanes.zero();
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            sums = load(x, xAt + i).fma(load(y, yAt + i), sums);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
        for (; i < bytes; i += Float.BYTES) {
            sum = Math.fma(x.getFloat(xAt + i), y.getFloat(yAt + i), sum);
        }
        return sum;
    }
}

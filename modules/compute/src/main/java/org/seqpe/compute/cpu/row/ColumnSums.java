package org.seqpe.compute.cpu.row;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import org.seqpe.compute.cpu.runtime.Lanes;

/**
 * Sums down the columns of a matrix, in the order of the rows, in runs of {@link #RUN} rows so that rounding errors
 * stay small.
 */
public final class ColumnSums {
    private static final int RUN = 128;

    private ColumnSums() {}

    /**
     * sums_j += sum of x_ij over the rows i, for the columns from byte {@code from} to byte {@code to} of a row.
     *
     * @param at where row 0 begins
     * @param stride from row to row
     */
    public static void add(ByteBuffer x, int at, int stride, int rows, ByteBuffer sums, int from, int to) {
        for (int row = 0; row < rows; row += RUN) {
            int start = at + row * stride;
            int count = Math.min(RUN, rows - row);
            int column = from;
            for (; column + 4 * Lanes.BYTES <= to; column += 4 * Lanes.BYTES) {
                addFour(x, start + column, count, stride, sums, column);
            }
            for (; column + Lanes.BYTES <= to; column += Lanes.BYTES) {
                addOne(x, start + column, count, stride, sums, column);
            }
            for (; column < to; column += Float.BYTES) {
                float sum = 0;
                for (int i = start + column, left = count; left > 0; left--, i += stride) {
                    sum += x.getFloat(i);
                }
                sums.putFloat(column, sums.getFloat(column) + sum);
            }
        }
    }

    // Rows are counted, because the place after the last one may lie beyond the largest int.

    private static void addFour(ByteBuffer x, int start, int count, int stride, ByteBuffer sums, int at) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        for (int i = start, left = count; left > 0; left--, i += stride) {
            s0 = s0.add(fromByteBuffer(FLOATS, x, i, ORDER));
            s1 = s1.add(fromByteBuffer(FLOATS, x, i + Lanes.BYTES, ORDER));
            s2 = s2.add(fromByteBuffer(FLOATS, x, i + 2 * Lanes.BYTES, ORDER));
            s3 = s3.add(fromByteBuffer(FLOATS, x, i + 3 * Lanes.BYTES, ORDER));
        }
        s0.add(fromByteBuffer(FLOATS, sums, at, ORDER)).intoByteBuffer(sums, at, ORDER);
        s1.add(fromByteBuffer(FLOATS, sums, at + Lanes.BYTES, ORDER)).intoByteBuffer(sums, at + Lanes.BYTES, ORDER);
        s2.add(fromByteBuffer(FLOATS, sums, at + 2 * Lanes.BYTES, ORDER))
                .intoByteBuffer(sums, at + 2 * Lanes.BYTES, ORDER);
        s3.add(fromByteBuffer(FLOATS, sums, at + 3 * Lanes.BYTES, ORDER))
                .intoByteBuffer(sums, at + 3 * Lanes.BYTES, ORDER);
    }

    private static void addOne(ByteBuffer x, int start, int count, int stride, ByteBuffer sums, int at) {
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int i = start, left = count; left > 0; left--, i += stride) {
            sum = sum.add(fromByteBuffer(FLOATS, x, i, ORDER));
        }
        sum.add(fromByteBuffer(FLOATS, sums, at, ORDER)).intoByteBuffer(sums, at, ORDER);
    }
}

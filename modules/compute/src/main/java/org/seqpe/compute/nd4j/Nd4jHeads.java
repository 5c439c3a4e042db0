package org.seqpe.compute.nd4j;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Heads;

/** Head vectors as INDArrays, and the kernels that turn, multiply or add them. */
final class Nd4jHeads {
    private Nd4jHeads() {}

    /** The vectors of one head in rows [first, first + rows) as the matrix [rows, width]; a view. */
    static INDArray head(Heads heads, long first, long rows, int head, int width) {
        return Nd4jMatrices.inside(
                heads.tensor(),
                heads.offset() + first * heads.rowStride() + (long) head * heads.headStride(),
                rows,
                width,
                heads.rowStride());
    }

    /** A copy [rows, H, D]; a shared vector is repeated for every head. */
    static INDArray read(Heads heads, int rows, int count, int width) {
        INDArray copy = Nd4j.createUninitialized(DataType.FLOAT, rows, count, width);
        for (int h = 0; h < count; h++) {
            headOf(copy, h).assign(head(heads, 0, rows, h, width));
        }
        return copy;
    }

    /** A copy [rows, H, D], row r being row r % P of the P position rows. */
    static INDArray readRepeated(Heads pe, int peRows, int rows, int count, int width) {
        INDArray table = read(pe, peRows, count, width).reshape(peRows, (long) count * width);
        return Nd4jMatrices.repeatRows(table, rows).reshape(rows, count, width);
    }

    /** Writes values [rows, H, D] over the head vectors. */
    static void write(Heads heads, INDArray values) {
        for (int h = 0; h < values.size(1); h++) {
            head(heads, 0, values.size(0), h, (int) values.size(2)).assign(headOf(values, h));
        }
    }

    /** Adds values [rows, H, D] to the position rows they met, in the order of the heads. */
    static void addFolded(Heads pe, int peRows, INDArray values) {
        long columns = values.size(1) * values.size(2);
        INDArray folded = Nd4jMatrices.foldRows(values.reshape(values.size(0), columns), peRows)
                .reshape(peRows, values.size(1), values.size(2));
        for (int h = 0; h < values.size(1); h++) {
            head(pe, 0, peRows, h, (int) values.size(2)).addi(headOf(folded, h));
        }
    }

    /** The matrix [rows, D] of one head of a contiguous array [rows, H, D]; a view. */
    private static INDArray headOf(INDArray array, long head) {
        long width = array.size(2);
        return Nd4j.create(
                array.data(),
                new long[] {array.size(0), width},
                new long[] {array.size(1) * width, 1},
                array.offset() + head * width,
                'c');
    }

    static void rotary(
            Heads x, int rows, int count, int width, INDArray sin, INDArray cos, boolean inverse, Heads out) {
        INDArray pairs = read(x, rows, count, width).reshape((long) rows * count * width / 2, 2);
        INDArray even = pairs.getColumn(0).dup();
        INDArray odd = pairs.getColumn(1).dup();
        INDArray sines = angles(sin, rows, count, width / 2).muli(inverse ? -1 : 1);
        INDArray cosines = angles(cos, rows, count, width / 2);
        pairs.getColumn(0).assign(even.mul(cosines).subi(odd.mul(sines)));
        pairs.getColumn(1).assign(odd.mul(cosines).addi(even.mul(sines)));
        write(out, pairs.reshape(rows, count, width));
    }

    /** The angles' table as a new vector over rows, heads and pairs. */
    private static INDArray angles(INDArray table, int rows, int count, int pairs) {
        INDArray perRow = Nd4jMatrices.repeatRows(table, rows);
        INDArray perHead = table.columns() == pairs && count > 1 ? Nd4j.tile(perRow, 1, count) : perRow;
        return perHead.dup('c').reshape((long) rows * count * pairs);
    }
}

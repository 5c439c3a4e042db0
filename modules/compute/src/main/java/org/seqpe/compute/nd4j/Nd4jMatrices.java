package org.seqpe.compute.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.seqpe.compute.Tensor;

/** Matrix products, row tables and layer norm on INDArrays. */
final class Nd4jMatrices {
    private Nd4jMatrices() {}

    /** c = alpha * op(a) op(b) + beta * c. The inputs may be strided views. */
    static void multiply(
            INDArray a, boolean transposeA, INDArray b, boolean transposeB, double alpha, double beta, INDArray c) {
        INDArray product = product(a, transposeA, b, transposeB);
        if (alpha != 1) {
            product.muli(alpha);
        }
        // c is not read when beta is 0: 0 * NaN would be NaN.
        if (beta == 0) {
            c.assign(product);
        } else if (beta == 1) {
            c.addi(product);
        } else {
            c.muli(beta).addi(product);
        }
    }

    /** op(a) op(b) as a new array. */
    static INDArray product(INDArray a, boolean transposeA, INDArray b, boolean transposeB) {
        INDArray c = Nd4j.createUninitialized(
                a.dataType(), transposeA ? a.columns() : a.rows(), transposeB ? b.rows() : b.columns());
        return Nd4j.matmul(a.dup('c'), b.dup('c'), c, transposeA, transposeB, false);
    }

    /** The matrix [rows, columns] whose rows lie {@code leading} elements apart in a tensor; a view. */
    static INDArray inside(Tensor tensor, long first, long rows, long columns, long leading) {
        return Nd4jTensor.of(tensor).strided(first, new long[] {rows, columns}, new long[] {leading, 1});
    }

    /** [count, C], its row i being row i % P of the table [P, C]. */
    static INDArray repeatRows(INDArray table, long count) {
        int[] rows = new int[Math.toIntExact(count)];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i % Math.toIntExact(table.rows());
        }
        return Nd4j.pullRows(table, 1, rows, 'c');
    }

    /** [P, C], its row p being the sum of the rows i of x [N, C] with i % P = p. */
    static INDArray foldRows(INDArray x, long p) {
        long columns = x.columns();
        if (p == 1) {
            return x.sum(true, 0);
        }
        INDArray sum = Nd4j.zeros(x.dataType(), p, columns);
        for (long start = 0; start < x.rows(); start += p) {
            long count = Math.min(p, x.rows() - start);
            rows(sum, 0, count).addi(rows(x, start, count));
        }
        return sum;
    }

    /** Rows [first, first + count) of a contiguous matrix; a view. */
    private static INDArray rows(INDArray matrix, long first, long count) {
        long columns = matrix.columns();
        return Nd4j.create(
                matrix.data(),
                new long[] {count, columns},
                new long[] {columns, 1},
                matrix.offset() + first * columns,
                'c');
    }

    static void layerNorm(
            INDArray x, INDArray weight, INDArray bias, double epsilon, INDArray out, INDArray mean, INDArray rstd) {
        mean.assign(x.mean(1));
        INDArray centered = x.subColumnVector(column(mean));
        INDArray variance = centered.mul(centered).mean(1);
        rstd.assign(Transforms.sqrt(variance.addi(epsilon), false).rdivi(1));
        out.assign(centered.muliColumnVector(column(rstd))
                .muliRowVector(row(weight))
                .addiRowVector(row(bias)));
    }

    static void layerNormBackward(
            INDArray dOut,
            INDArray x,
            INDArray weight,
            INDArray mean,
            INDArray rstd,
            INDArray dX,
            boolean accumulate,
            INDArray dWeight,
            INDArray dBias) {
        INDArray normal = x.subColumnVector(column(mean)).muliColumnVector(column(rstd));
        dWeight.addi(normal.mul(dOut).sum(0));
        dBias.addi(dOut.sum(0));
        // With g = dOut * weight and n the normalised row: dX = rstd * (g - mean(g) - n * mean(g n)).
        INDArray g = dOut.mulRowVector(row(weight));
        INDArray shift = g.mean(1);
        INDArray slope = g.mul(normal).mean(1);
        g.subiColumnVector(column(shift))
                .subi(normal.muliColumnVector(column(slope)))
                .muliColumnVector(column(rstd));
        if (accumulate) {
            dX.addi(g);
        } else {
            dX.assign(g);
        }
    }

    /** A vector as a column [n, 1]. */
    static INDArray column(INDArray vector) {
        return vector.reshape(vector.length(), 1);
    }

    /** A vector as a row [1, n]. */
    static INDArray row(INDArray vector) {
        return vector.reshape(1, vector.length());
    }
}

package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

interface RowsContract extends UsesDevice {
    @Test
    default void gatherCopiesOrAddsRows() {
        for (int[] s : matrixShapes()) {
            int n = s[0];
            int c = s[1];
            Probe probe = new Probe(device(), "gather", n, c);
            int[] ids = probe.numbers(n, 11);
            double[] table = probe.normal(11 * c);
            double[] start = probe.normal(n * c);
            double[] expected = new double[n * c];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = table[ids[i / c] * c + i % c];
            }
            Tensor out = probe.poisoned(n, c);
            device().gather(probe.ints(ids), probe.tensor(table, 11, c), out, false);
            probe.close("out", out, expected);
            Tensor accumulated = probe.tensor(start, n, c);
            device().gather(probe.ints(ids), probe.tensor(table, 11, c), accumulated, true);
            probe.close("accumulated", accumulated, Probe.sum(start, expected));
        }
    }

    @Test
    default void scatterAddAddsUpEqualRows() {
        for (int[] s : matrixShapes()) {
            int n = s[0];
            int c = s[1];
            Probe probe = new Probe(device(), "scatterAdd", n, c);
            int[] ids = probe.numbers(n, 5);
            double[] gradient = probe.normal(n * c);
            double[] start = probe.normal(11 * c);
            double[] expected = start.clone();
            for (int i = 0; i < gradient.length; i++) {
                expected[ids[i / c] * c + i % c] += gradient[i];
            }
            Tensor dTable = probe.tensor(start, 11, c);
            device().scatterAdd(probe.ints(ids), probe.tensor(gradient, n, c), dTable);
            probe.close("dTable", dTable, expected);
        }
    }

    @Test
    default void rowsFollowTheLengthOfTheIds() {
        Probe probe = new Probe(device(), "gather of part of the ids");
        Ints ids = device().allocateInts(5);
        ids.upload(2, 0);
        Tensor table = probe.tensor(new double[] {1, 2, 3}, 3, 1);
        Tensor out = probe.tensor(new double[] {9, 9, 9}, 3, 1);
        device().gather(ids, table, out.firstRows(2), false);
        assertThat(out.toArray()).containsExactly(3, 1, 9);
        device().scatterAdd(ids.view(1, 1), out.view(1, 1, 1), table);
        assertThat(table.toArray()).containsExactly(2, 2, 3);
    }

    @Test
    default void addRowsAndSumRowsRepeatTheTable() {
        for (int[] s : matrixShapes()) {
            for (int p : new int[] {1, 3, 7, s[0], s[0] + 2}) {
                int n = s[0];
                int c = s[1];
                Probe probe = new Probe(device(), "addRows and sumRows", n, c, p);
                double[] x = probe.normal(n * c);
                double[] table = probe.normal(p * c);
                double[] added = x.clone();
                double[] summed = table.clone();
                for (int i = 0; i < x.length; i++) {
                    added[i] += table[i / c % p * c + i % c];
                    summed[i / c % p * c + i % c] += x[i];
                }
                Tensor input = probe.tensor(x, n, c);
                Tensor out = probe.poisoned(n, c);
                device().addRows(input, probe.tensor(table, p, c), out);
                probe.close("out", out, added);
                Tensor dTable = probe.tensor(table, p, c);
                device().sumRows(input, dTable);
                probe.close("dTable", dTable, summed);
                device().addRows(input, probe.tensor(table, p, c), input);
                assertThat(input.toArray()).as("in place").isEqualTo(out.toArray());
            }
        }
    }

    @Test
    default void rowKernelsRefuseWrongNumbersAndShapes() {
        Tensor table = device().allocate(3, 2);
        Tensor out = device().allocate(2, 2);
        Tensor wide = device().allocate(2, 3);
        Ints ids = device().allocateInts(2);
        ids.upload(0, 1);
        Probe.refuses("gather of another width", () -> device().gather(ids, table, wide, false));
        Probe.refuses("gather of more rows", () -> device().gather(ids, table, table, false));
        Probe.refuses("scatterAdd of another width", () -> device().scatterAdd(ids, wide, table));
        Probe.refuses("addRows of another width", () -> device().addRows(out, wide, out));
        Probe.refuses("sumRows of another width", () -> device().sumRows(out, wide));
        for (int wrong : new int[] {-1, 3}) {
            ids.upload(0, wrong);
            assertThatThrownBy(() -> device().gather(ids, table, out, false))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("" + wrong);
            assertThatThrownBy(() -> device().scatterAdd(ids, out, table))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("" + wrong);
        }
    }
}

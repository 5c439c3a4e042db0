package org.seqpe.compute.cpu.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.random.RandomStream;

/** More rows than two runs of them, more columns than four vectors, and matrices that end where ints do. */
class ColumnSumsTest {
    private static final int COLUMNS = 4 * 16 + 16 + 5;

    /** Random values in the columns, 0 between them; returns the sums of the columns. */
    private static double[] fill(ByteBuffer x, int at, int stride, int rows, int from) {
        RandomStream random = RandomStream.of(9, rows);
        double[] sums = new double[COLUMNS];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < COLUMNS; column++) {
                float value = (float) random.nextGaussian();
                x.putFloat(at + row * stride + from + column * Float.BYTES, value);
                sums[column] += value;
            }
        }
        return sums;
    }

    private static void check(ByteBuffer x, int at, int stride, int rows, int from) {
        double[] expected = fill(x, at, stride, rows, from);
        ByteBuffer sums =
                ByteBuffer.allocateDirect(from + COLUMNS * Float.BYTES).order(ByteOrder.nativeOrder());
        sums.putFloat(from, 3);
        expected[0] += 3;
        ColumnSums.add(x, at, stride, rows, sums, from, from + COLUMNS * Float.BYTES);
        for (int column = 0; column < COLUMNS; column++) {
            assertThat((double) sums.getFloat(from + column * Float.BYTES))
                    .as("column %d", column)
                    .isCloseTo(expected[column], within(1e-4));
        }
    }

    @Test
    void rowsInRuns() {
        for (int rows : new int[] {1, 128, 3 * 128 + 7}) {
            int at = 12;
            int from = 20;
            int stride = 2 * COLUMNS * Float.BYTES + 4;
            check(
                    ByteBuffer.allocateDirect(at + rows * stride + from).order(ByteOrder.nativeOrder()),
                    at,
                    stride,
                    rows,
                    from);
        }
    }

    /** The place after the last row is no int. A file without contents lends the memory, of which little is touched. */
    @Test
    void aMatrixOfTwoGigabytes(@TempDir Path folder) throws IOException {
        int rows = 16;
        int stride = (1 << 27) - 512;
        try (FileChannel file = FileChannel.open(
                folder.resolve("sparse"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            ByteBuffer x = file.map(FileChannel.MapMode.READ_WRITE, 0, (long) rows * stride)
                    .order(ByteOrder.nativeOrder());
            check(x, 0, stride, rows, stride - COLUMNS * Float.BYTES);
        }
    }
}

package org.seqpe.compute.cpu.bfloat16;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cpu.runtime.Blas;
import org.seqpe.compute.cpu.runtime.Gemm;
import org.seqpe.core.random.RandomStream;

class MatrixUnitTest {
    /**
     * Of the sum of the magnitudes that are added. The products are exact; a sum of float32 of 300 terms in any order
     * is off by a few hundred times 2^-24 at worst.
     */
    private static final double TOLERANCE = 3e-5;

    @BeforeAll
    static void prepare() {
        Blas.useCallingThreadOnly();
    }

    /** What this processor has, and the emulation. */
    static Stream<MatrixUnit> units() {
        return Stream.concat(MatrixUnit.ofProcessor().stream(), Stream.of(MatrixUnit.EMULATION));
    }

    @ParameterizedTest
    @MethodSource("units")
    void productsOfBfloat16(MatrixUnit unit) {
        Gemm gemm = unit.newGemm();
        everyShape(gemm);
        gemm.close();
    }

    /** OpenMP names its threads after the one that asks for them. */
    @Test
    void aProductIsComputedByTheThreadThatAsks() throws Exception {
        assumeTrue(MatrixUnit.ofProcessor().isPresent(), "a processor with a matrix unit");
        AtomicLong threads = new AtomicLong();
        Thread thread = new Thread(
                () -> {
                    Gemm gemm = MatrixUnit.ofProcessor().orElseThrow().newGemm();
                    int size = 1000;
                    ShortPointer operand = new ShortPointer((long) size * size);
                    FloatPointer target = new FloatPointer((long) size * size);
                    gemm.gemm(
                            false,
                            false,
                            size,
                            size,
                            size,
                            1,
                            operand.address(),
                            size,
                            operand.address(),
                            size,
                            0,
                            target.address(),
                            size);
                    threads.set(threadsNamed("one-product"));
                    gemm.close();
                },
                "one-product");
        thread.start();
        thread.join();
        assertThat(threads).hasValue(1);
    }

    private static long threadsNamed(String name) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> nameOf(task).equals(name)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            return ""; // It has ended.
        }
    }

    /** Shapes come back after their primitives were given up. */
    @Test
    void fewShapesAreKept() {
        assumeTrue(MatrixUnit.ofProcessor().isPresent(), "a processor with a matrix unit");
        Gemm gemm = new OneDnnGemm(3);
        everyShape(gemm);
        everyShape(gemm);
        gemm.close();
    }

    private static void everyShape(Gemm gemm) {
        int[][] shapes = {{1, 1, 1}, {3, 5, 7}, {64, 64, 32}, {65, 33, 300}, {2, 130, 17}, {100, 1, 64}, {5, 6, 0}};
        RandomStream random = RandomStream.of(5, 11);
        for (int[] shape : shapes) {
            for (int form = 0; form < 4; form++) {
                check(gemm, (form & 1) != 0, (form & 2) != 0, shape, 1, 0, random);
            }
            check(gemm, true, false, shape, 1, 1, random);
            check(gemm, false, true, shape, -0.125f, 0.5f, random);
            // Again, from what was kept for the first shape.
            check(gemm, false, false, shape, 1, 0, random);
        }
    }

    private static void check(
            Gemm gemm,
            boolean transposeA,
            boolean transposeB,
            int[] shape,
            float alpha,
            float beta,
            RandomStream random) {
        int m = shape[0];
        int n = shape[1];
        int k = shape[2];
        Matrix a = new Matrix(transposeA ? k : m, transposeA ? m : k, 3, random);
        Matrix b = new Matrix(transposeB ? n : k, transposeB ? k : n, 2, random);
        Matrix c = new Matrix(m, n, 1, random);
        FloatPointer target = new FloatPointer(c.values);
        gemm.gemm(
                transposeA,
                transposeB,
                m,
                n,
                k,
                alpha,
                a.address(),
                a.leading,
                b.address(),
                b.leading,
                beta,
                target.address(),
                c.leading);
        for (int row = 0; row < m; row++) {
            for (int column = 0; column < n; column++) {
                double sum = 0;
                double magnitude = 1e-30;
                for (int i = 0; i < k; i++) {
                    double term = (double) a.rounded(transposeA ? i : row, transposeA ? row : i)
                            * b.rounded(transposeB ? column : i, transposeB ? i : column);
                    sum += term;
                    magnitude += Math.abs(term);
                }
                double kept = beta == 0 ? 0 : (double) beta * c.values[row * c.leading + column];
                assertThat((double) target.get((long) row * c.leading + column))
                        .as("%d x %d x %d at %d, %d", m, n, k, row, column)
                        .isCloseTo(
                                alpha * sum + kept, within(TOLERANCE * (Math.abs(alpha) * magnitude + Math.abs(kept))));
            }
            assertThat(target.get((long) row * c.leading + n))
                    .as("what is behind row %d of %d x %d x %d", row, m, n, k)
                    .isEqualTo(c.behind(row));
        }
    }

    /** A stored matrix with something behind each row. */
    private static final class Matrix {
        private final float[] values;
        private final int columns;
        private final int leading;
        private final ShortPointer rounded;

        Matrix(int rows, int columns, int behind, RandomStream random) {
            this.columns = columns;
            leading = columns + behind;
            values = new float[Math.max(1, rows) * leading];
            short[] bits = new short[values.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
                bits[i] = Precision.toBfloat16(values[i]);
            }
            rounded = new ShortPointer(bits);
        }

        long address() {
            return rounded.address();
        }

        float rounded(int row, int column) {
            return Precision.fromBfloat16(Precision.toBfloat16(values[row * leading + column]));
        }

        float behind(int row) {
            return values[row * leading + columns];
        }
    }
}

package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;
import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.type;
import static org.seqpe.compute.cuda.kernel.KernelNames.types;

import org.seqpe.compute.Gelu;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaInts;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;

/** Passes over the rows of matrices, rows by number, and sums over rows (rows.cuh). */
public final class RowKernels {
    /** Columns of a block: 128 threads of 8. */
    private static final int THREADS = 128;
    /** Rows of a block of a pass, and of a slice of a sum. */
    private static final int ROWS = 32;

    private static final int SLICE_ROWS = 64;
    /** Rows that one block adds to one row of a table. */
    private static final int PIECE = 64;

    private static final int FOLD_X = 32;
    private static final int FOLD_Y = 8;
    private static final int FOLD_BYTES = 1024;
    private static final int SCATTER_FOLD_BYTES = 4096;
    /** Columns of a thread that adds rows by number. */
    private static final int SCATTER_VECTOR = 4;

    private final CudaRuntime runtime;

    private record ScatterKey(long targets, int offset, int count) {}

    public RowKernels(CudaRuntime runtime) {
        this.runtime = runtime;
    }

    /** Runs a kernel whose last argument is the rows of a block: a block has 1024 columns and some rows. */
    private static void runOverRows(Launch launch, Tensor x) {
        int each = Grids.each(x.rows(), ROWS);
        launch.number(each)
                .run(
                        Grids.ceil(Grids.ceil(x.columns(), Grids.VECTOR), THREADS),
                        Grids.ceil(x.rows(), each),
                        1,
                        THREADS,
                        1,
                        0);
    }

    public void dropout(Tensor x, float rate, long key, Tensor out) {
        runOverRows(
                runtime.kernel("dropoutRows" + types(x, out))
                        .address(runtime.address(x))
                        .address(runtime.address(out))
                        .dropout(rate, key)
                        .number((int) x.rows())
                        .number((int) x.columns()),
                x);
    }

    /** Device.scaleRows. */
    public void scaleRows(Tensor x, Tensor factors, Tensor out) {
        requireFloat32("scaleRows", factors);
        runOverRows(
                runtime.kernel("scaleRows" + types(x, out))
                        .address(runtime.address(x))
                        .address(runtime.address(factors))
                        .address(runtime.address(out))
                        .number((int) x.rows())
                        .number((int) x.columns())
                        .number((int) (x.rows() / factors.size())),
                x);
    }

    /**
     * pre += bias, out = gelu(pre).
     *
     * @param bias float32, or null
     * @param out may be pre
     */
    public void biasGelu(Gelu form, Tensor pre, Tensor bias, Tensor out) {
        requireSame("linearGelu", pre, out);
        runOverRows(
                runtime.kernel("biasGelu" + ElementwiseKernels.form(form) + type(pre))
                        .address(runtime.address(pre))
                        .address(runtime.addressOrNull(bias))
                        .address(runtime.address(out))
                        .number((int) pre.rows())
                        .number((int) pre.columns()),
                pre);
    }

    /** Device.addRows; a table of one row is a bias. */
    public void addRows(Tensor x, Tensor table, Tensor out) {
        requireSame("addRows", x, out);
        runOverRows(
                runtime.kernel("addRows" + types(table, x))
                        .address(runtime.address(x))
                        .address(runtime.address(table))
                        .address(runtime.address(out))
                        .number((int) x.rows())
                        .number((int) x.columns())
                        .number((int) (table.size() / x.columns())),
                x);
    }

    /** Device.sumRows; a table of one row gets the column sums. */
    public void sumRows(Tensor dOut, Tensor dTable) {
        requireFloat32("sumRows", dTable);
        if (dOut.size() == 0) {
            return;
        }
        long columns = dOut.columns();
        long tableRows = dTable.size() / columns;
        long turns = Grids.ceil(dOut.rows(), tableRows);
        int each = Grids.each(turns, SLICE_ROWS);
        long slices = Grids.ceil(turns, each);
        long parts = runtime.scratch(slices * dTable.size() * Float.BYTES);
        long from = runtime.address(dOut);
        for (long row = 0; row < tableRows; row += Grids.MOST_BLOCKS) {
            // Row p of the table begins with row p of dOut, so a part of the table is the same sum of what begins
            // later.
            runtime.kernel("sumRows_" + type(dOut))
                    .address(from + row * columns * dOut.precision().bytes())
                    .address(parts + row * columns * Float.BYTES)
                    .number((int) (dOut.rows() - row))
                    .number((int) columns)
                    .number((int) tableRows)
                    .number(each)
                    .run(
                            Grids.ceil(Grids.ceil(columns, Grids.VECTOR), THREADS),
                            Math.max(0, Math.min(Grids.MOST_BLOCKS, tableRows - row)),
                            slices,
                            THREADS,
                            1,
                            0);
        }
        fold(parts, slices, dTable.size(), runtime.address(dTable), dTable.size());
    }

    /**
     * target[c] += the sum over p of parts[p * stride + c].
     *
     * @param parts address of float32 numbers
     * @param target address of float32 numbers
     */
    void fold(long parts, long count, long stride, long target, long columns) {
        runtime.kernel("foldColumns_")
                .address(parts)
                .number((int) count)
                .number(Math.toIntExact(stride))
                .address(target)
                .number(Math.toIntExact(columns))
                .run(Grids.ceil(columns, FOLD_X), 1, 1, FOLD_X, FOLD_Y, FOLD_BYTES);
    }

    public void gather(Ints ids, Tensor table, Tensor out, boolean accumulate) {
        runtime.kernel("gather" + types(table, out))
                .address(runtime.address(ids))
                .address(runtime.address(table))
                .noDropout()
                .flag(accumulate)
                .address(runtime.address(out))
                .number((int) table.columns())
                .run(
                        out.size() == 0 ? 0 : ids.length(),
                        Math.min(Grids.THREADS, Grids.warps(Grids.ceil(table.columns(), Grids.VECTOR))),
                        0);
    }

    public void scatterAdd(Ints ids, Tensor dOut, Tensor dTable) {
        if (dOut.size() == 0) {
            return;
        }
        CudaInts rows = CudaInts.of(ids);
        UsePlan plan = rows.plan(new ScatterKey(dTable.rows(), rows.offset(), rows.length()), last -> {
            UsePlan made = last == null ? new UsePlan(runtime, PIECE, false) : last;
            made.make(
                    rows.values(),
                    rows.offset(),
                    rows.length(),
                    Math.toIntExact(dTable.rows()),
                    1,
                    (lists, at, use) -> lists[at] = use);
            return made;
        });
        int columns = (int) dTable.columns();
        long partial = runtime.scratch((long) plan.partials() * columns * Float.BYTES);
        int threads = Math.min(Grids.THREADS, Grids.warps(Grids.ceil(columns, SCATTER_VECTOR)));
        plan.putPieces(runtime.kernel("scatterAdd" + types(dTable, dOut)))
                .address(plan.entries())
                .address(runtime.address(dOut))
                .noDropout()
                .address(runtime.address(dTable))
                .address(partial)
                .number(columns)
                .run(plan.pieces(), Grids.ceil(Grids.ceil(columns, SCATTER_VECTOR), threads), 1, threads, 1, 0);
        plan.putSplits(runtime.kernel("scatterAddFold_" + type(dTable)))
                .address(partial)
                .address(runtime.address(dTable))
                .number(columns)
                .run(
                        plan.splits(),
                        Grids.ceil(columns, SCATTER_VECTOR * FOLD_X),
                        1,
                        FOLD_X,
                        FOLD_Y,
                        SCATTER_FOLD_BYTES);
    }
}

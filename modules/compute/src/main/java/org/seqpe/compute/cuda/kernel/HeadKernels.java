package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;
import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.type;

import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;

/** Position vectors that meet head vectors element by element (heads.cuh). */
public final class HeadKernels {
    private static final int SLICE_ROWS = 64;

    private final CudaRuntime runtime;

    public HeadKernels(CudaRuntime runtime) {
        this.runtime = runtime;
    }

    /** The address of the first head vector. */
    static long address(CudaRuntime runtime, Heads heads) {
        return runtime.address(heads.tensor())
                + heads.offset() * heads.tensor().precision().bytes();
    }

    /** Puts a struct HeadsOf or HeadsTo; null for none. */
    static Launch put(CudaRuntime runtime, Launch launch, Heads heads) {
        return heads == null
                ? launch.heads(0, 0, 0)
                : launch.heads(address(runtime, heads), heads.rowStride(), heads.headStride());
    }

    private Launch put(Launch launch, Heads heads) {
        return put(runtime, launch, heads);
    }

    /** Blocks of a kernel whose threads have up to 8 elements of a head of a row. */
    static long blocks(long rows, int heads, int width) {
        return Grids.ceil(rows * heads * Grids.ceil(width, Grids.VECTOR), Grids.THREADS);
    }

    public void rotary(Heads x, int rows, int heads, int width, Tensor sin, Tensor cos, boolean inverse, Heads out) {
        requireSame("rotary", x.tensor(), out.tensor());
        requireFloat32("rotary", sin, cos);
        Launch launch = put(runtime.kernel("rotary_" + type(x.tensor())), x)
                .number(rows)
                .number(heads)
                .number(width)
                .address(runtime.address(sin))
                .address(runtime.address(cos))
                .number((int) sin.rows())
                .flag(sin.columns() != width / 2)
                .flag(inverse);
        put(launch, out).run(blocks(rows, heads, width), Grids.THREADS, 0);
    }

    public void multiply(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        combine("multiplyHeads_", x, rows, heads, width, pe, peRows, out);
    }

    public void add(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        combine("addHeads_", x, rows, heads, width, pe, peRows, out);
    }

    private void combine(String kernel, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        requireSame(kernel, x.tensor(), pe.tensor(), out.tensor());
        Launch launch = put(runtime.kernel(kernel + type(x.tensor())), x)
                .number(rows)
                .number(heads)
                .number(width);
        put(put(launch, pe).number(peRows), out).run(blocks(rows, heads, width), Grids.THREADS, 0);
    }

    public void multiplyBackward(
            Heads dOut, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads dX, Heads dPe) {
        // Before dX, which may be dOut.
        sum("sumHeadProducts_", dOut, x, rows, heads, width, dPe, peRows);
        multiply(dOut, rows, heads, width, pe, peRows, dX);
    }

    public void addBackward(Heads dOut, int rows, int heads, int width, Heads dPe, int peRows) {
        sum("sumHeads_", dOut, null, rows, heads, width, dPe, peRows);
    }

    private void sum(String kernel, Heads dOut, Heads x, int rows, int heads, int width, Heads dPe, int peRows) {
        if (rows == 0) {
            return;
        }
        long turns = Grids.ceil(rows, peRows);
        int each = Grids.each(turns, SLICE_ROWS);
        long slices = Grids.ceil(turns, each);
        long parts = runtime.scratch(slices * peRows * heads * width * Float.BYTES);
        Launch launch = put(runtime.kernel(kernel + type(dOut.tensor())), dOut);
        (x == null ? launch : put(launch, x))
                .number(rows)
                .number(heads)
                .number(width)
                .number(peRows)
                .number(each)
                .address(parts)
                .run(blocks(peRows, heads, width), slices, 1, Grids.THREADS, 1, 0);
        fold(runtime, parts, slices, peRows, heads, width, dPe);
    }

    /**
     * Adds partial sums [groups][rows][heads][width] to position vectors, and the heads that share one.
     *
     * @param parts address of float32 numbers
     * @param target float32
     */
    static void fold(CudaRuntime runtime, long parts, long groups, long rows, int heads, int width, Heads target) {
        requireFloat32("a sum of gradients of position vectors", target.tensor());
        long elements = rows * (target.headStride() == 0 ? 1 : heads) * width;
        runtime.kernel("positionFold_")
                .address(parts)
                .number((int) groups)
                .number((int) rows)
                .number(heads)
                .number(width)
                .address(address(runtime, target))
                .number(target.rowStride())
                .number(target.headStride())
                .run(Grids.ceil(elements, Grids.THREADS), Grids.THREADS, 0);
    }
}

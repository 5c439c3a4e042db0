package org.seqpe.compute.cpu.product;

import java.nio.ByteBuffer;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.cpu.row.ColumnSums;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.GeluLoops;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/**
 * Matrix products. A product is cut into a grid of blocks of c, each one call of BLAS on one thread; what follows a
 * product (bias, GELU) is done block by block while the block is in the cache.
 */
public final class Products {
    /** Multiply-adds that are worth a task: a fraction of a millisecond, far above the cost of handing it over. */
    private static final long TASK_WORK = 1L << 23;
    /** Tasks to aim at where the work allows. */
    private static final int TASKS = 8;
    /**
     * Edges of a block of c at which BLAS comes near its best speed: larger ones leave the caches, smaller ones are
     * packed too often.
     */
    private static final int BLOCK_ROWS = 256;

    private static final int BLOCK_COLUMNS = 1024;
    private static final int SMALLEST_EDGE = 64;
    /** Block edges are multiples of this, which the micro-kernels' register tiles divide. */
    private static final int EDGE = 32;
    /** The inner extent is not cut shorter than this. */
    private static final int SHORTEST_INNER = 512;
    /** Elements of c above which partial products would cost more memory than they are worth. */
    private static final long LARGEST_PARTIAL = 1L << 21;
    /** Columns that one task sums over all rows. */
    private static final int SUM_COLUMNS = 64;

    private final CpuContext context;
    private final Workers.Task block = this::multiplyBlock;
    private final Workers.Task addSlices = this::addSlices;
    private final Workers.Task chunk = this::multiplyChunk;
    private final Workers.Task columns = this::sumColumns;

    private boolean transposeA;
    private boolean transposeB;
    private int m;
    private int n;
    private int k;
    private float alpha;
    private float beta;
    private long a;
    private long b;
    private long c;
    private int leadingA;
    private int leadingB;
    private int leadingC;

    private int blockRows;
    private int blockColumns;
    private int gridRows;
    private int gridColumns;
    /** The inner extent is cut into this many; all but the first are added up in {@link CpuContext#partials}. */
    private int slices;

    private int sliceLength;

    private int count;
    private int perChunk;
    private long strideA;
    private long strideB;
    private long strideC;

    private ByteBuffer bias;
    private ByteBuffer product;
    /** Where gelu(product) goes; null for none. */
    private ByteBuffer activated;

    private Gelu form;
    private ByteBuffer sums;

    public Products(CpuContext context) {
        this.context = context;
    }

    /** c = alpha op(a) op(b) + beta c, as {@link org.seqpe.compute.Device#matmul}. */
    public void matmul(
            HostTensor x,
            boolean transposeX,
            HostTensor y,
            boolean transposeY,
            float factor,
            float keep,
            HostTensor out) {
        bias = null;
        activated = null;
        product = out.bytes();
        multiply(x, transposeX, y, transposeY, factor, keep, out);
    }

    /** Computes {@link org.seqpe.compute.Device#linear}. */
    public void linear(HostTensor x, HostTensor w, boolean transposeW, HostTensor addend, HostTensor out) {
        bias = addend == null ? null : addend.bytes();
        product = out.bytes();
        activated = null;
        multiply(x, false, w, transposeW, 1, 0, out);
    }

    /** Computes {@link org.seqpe.compute.Device#linearGelu}. */
    public void linearGelu(
            Gelu geluForm,
            HostTensor x,
            HostTensor w,
            boolean transposeW,
            HostTensor addend,
            HostTensor pre,
            HostTensor out) {
        HostTensor target = pre == null ? out : pre;
        bias = addend == null ? null : addend.bytes();
        product = target.bytes();
        activated = out.bytes();
        form = geluForm;
        multiply(x, false, w, transposeW, 1, 0, target);
    }

    /** sums_j += the sum over the rows of x_ij. */
    public void addColumnSums(HostTensor x, HostTensor target) {
        product = x.bytes();
        sums = target.bytes();
        m = (int) x.rows();
        n = (int) x.columns();
        context.workers.run(CpuContext.blocks(n, SUM_COLUMNS), columns);
    }

    /** Computes {@link org.seqpe.compute.Device#matmulBatched}, on tensors that were found large enough. */
    public void matmulBatched(
            int products,
            int rows,
            int outer,
            int inner,
            float factor,
            HostTensor x,
            int leadingX,
            long strideX,
            boolean transposeX,
            HostTensor y,
            int leadingY,
            long strideY,
            boolean transposeY,
            float keep,
            HostTensor out,
            int leadingOut,
            long strideOut) {
        set(rows, outer, inner, factor, keep, transposeX, transposeY);
        a = CpuContext.address(x);
        b = CpuContext.address(y);
        c = CpuContext.address(out);
        leadingA = leadingX;
        leadingB = leadingY;
        leadingC = leadingOut;
        bias = null;
        activated = null;
        product = out.bytes();
        long work = (long) rows * outer * inner;
        if (work >= TASK_WORK) {
            for (int i = 0; i < products; i++) {
                runGrid();
                a += strideX * Float.BYTES;
                b += strideY * Float.BYTES;
                c += strideOut * Float.BYTES;
            }
            return;
        }
        count = products;
        strideA = strideX;
        strideB = strideY;
        strideC = strideOut;
        perChunk = (int) Math.max(1, Math.min(products, TASK_WORK / 4 / Math.max(1, work)));
        context.workers.run(CpuContext.blocks(products, perChunk), chunk);
    }

    private void multiply(
            HostTensor x,
            boolean transposeX,
            HostTensor y,
            boolean transposeY,
            float factor,
            float keep,
            HostTensor out) {
        int columnsX = extent(x.columns());
        set(
                extent(out.rows()),
                extent(out.columns()),
                transposeX ? extent(x.rows()) : columnsX,
                factor,
                keep,
                transposeX,
                transposeY);
        a = CpuContext.address(x);
        b = CpuContext.address(y);
        c = CpuContext.address(out);
        leadingA = Math.max(1, columnsX);
        leadingB = Math.max(1, extent(y.columns()));
        leadingC = Math.max(1, n);
        runGrid();
    }

    private static int extent(long size) {
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("Cannot multiply matrices: expected at most " + Integer.MAX_VALUE
                    + " rows and columns, found " + size);
        }
        return (int) size;
    }

    private void set(int rows, int outer, int inner, float factor, float keep, boolean transposeX, boolean transposeY) {
        m = rows;
        n = outer;
        k = inner;
        alpha = factor;
        beta = keep;
        transposeA = transposeX;
        transposeB = transposeY;
    }

    private void runGrid() {
        if (m == 0 || n == 0) {
            return;
        }
        // A bias or GELU needs whole sums, and rows that do not follow each other cannot be added as one stretch of
        // memory.
        plan(bias == null && activated == null && leadingC == n && (long) m * n <= LARGEST_PARTIAL);
        if (slices > 1) {
            context.partials.reserve((slices - 1L) * m * n);
        }
        context.workers.run(slices * gridRows * gridColumns, block);
        if (slices > 1) {
            context.workers.run(CpuContext.blocks((long) m * n, CpuContext.BLOCK), addSlices);
        }
    }

    /**
     * Chooses blocks from the shape alone: well-shaped ones first, then smaller ones until there are tasks enough. From
     * TASKS * BLOCK_ROWS rows on, blocks are BLOCK_ROWS high: BLAS may sum the last rows of a block in another way, so
     * this makes the bits of a row independent of the number of rows, which evaluation by slices of rows asks for.
     */
    private void plan(boolean sliceable) {
        long wanted = Math.max(1, Math.min(TASKS, Long.highestOneBit((long) m * n * Math.max(1, k) / TASK_WORK)));
        int rows = CpuContext.blocks(m, BLOCK_ROWS);
        int columns = Math.max(1, (n + BLOCK_COLUMNS / 2) / BLOCK_COLUMNS);
        slices = 1;
        while ((long) rows * columns * slices < wanted) {
            int height = m / rows;
            int width = n / columns;
            if (width >= 2 * BLOCK_ROWS) {
                columns *= 2;
            } else if (sliceable && k / slices >= 2 * SHORTEST_INNER) {
                slices *= 2;
            } else if (height >= 2 * SMALLEST_EDGE && 2 * height >= width) {
                rows *= 2;
            } else if (width >= 2 * SMALLEST_EDGE) {
                columns *= 2;
            } else {
                break;
            }
        }
        blockRows = edge(m, rows);
        blockColumns = edge(n, columns);
        gridRows = CpuContext.blocks(m, blockRows);
        gridColumns = CpuContext.blocks(n, blockColumns);
        sliceLength = CpuContext.blocks(k, slices);
    }

    private static int edge(int extent, int parts) {
        return CpuContext.blocks(CpuContext.blocks(extent, parts), EDGE) * EDGE;
    }

    private void multiplyBlock(int index, int worker) {
        int slice = index / (gridRows * gridColumns);
        int place = index % (gridRows * gridColumns);
        int row = place / gridColumns * blockRows;
        int column = place % gridColumns * blockColumns;
        int rows = Math.min(blockRows, m - row);
        int width = Math.min(blockColumns, n - column);
        int inner = slice * sliceLength;
        int length = Math.min(sliceLength, k - inner);
        long atA = a + Float.BYTES * (transposeA ? (long) inner * leadingA + row : (long) row * leadingA + inner);
        long atB = b + Float.BYTES * (transposeB ? (long) column * leadingB + inner : (long) inner * leadingB + column);
        long target = slice == 0 ? c : context.partials.address() + (slice - 1L) * m * n * Float.BYTES;
        long atC = target + Float.BYTES * ((long) row * leadingC + column);
        context.blas[worker].gemm(
                transposeA,
                transposeB,
                rows,
                width,
                length,
                alpha,
                atA,
                leadingA,
                atB,
                leadingB,
                slice == 0 ? beta : 0,
                atC,
                leadingC);
        if (bias != null || activated != null) {
            finish(row, rows, column * Float.BYTES, width * Float.BYTES, context.spare[worker]);
        }
    }

    /** Adds the partial products to a stretch of c, in order. */
    private void addSlices(int index, int worker) {
        int size = m * n * Float.BYTES;
        int from = index * CpuContext.BLOCK * Float.BYTES;
        int bytes = Math.min(CpuContext.BLOCK * Float.BYTES, size - from);
        for (int slice = 1; slice < slices; slice++) {
            Elementwise.add(product, from, context.partials.bytes(), (slice - 1) * size + from, product, from, bytes);
        }
    }

    private void finish(int row, int rows, int columnAt, int bytes, float[] spare) {
        for (int i = row; i < row + rows; i++) {
            int at = i * n * Float.BYTES + columnAt;
            if (bias != null) {
                Elementwise.add(product, at, bias, columnAt, product, at, bytes);
            }
            if (activated != null) {
                GeluLoops.forward(form, product, at, activated, at, bytes, spare);
            }
        }
    }

    private void multiplyChunk(int index, int worker) {
        for (int i = index * perChunk; i < Math.min(count, (index + 1) * perChunk); i++) {
            context.blas[worker].gemm(
                    transposeA,
                    transposeB,
                    m,
                    n,
                    k,
                    alpha,
                    a + i * strideA * Float.BYTES,
                    leadingA,
                    b + i * strideB * Float.BYTES,
                    leadingB,
                    beta,
                    c + i * strideC * Float.BYTES,
                    leadingC);
        }
    }

    private void sumColumns(int index, int worker) {
        int from = index * SUM_COLUMNS * Float.BYTES;
        int to = Math.min(n, (index + 1) * SUM_COLUMNS) * Float.BYTES;
        ColumnSums.add(product, 0, n * Float.BYTES, m, sums, from, to);
    }
}

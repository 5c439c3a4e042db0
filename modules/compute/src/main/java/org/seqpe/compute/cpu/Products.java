package org.seqpe.compute.cpu;

import java.nio.ByteBuffer;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.HostTensor;

/**
 * Matrix products. A product is cut into a grid of blocks of c, each one call of BLAS on one thread; what follows a product (bias, GELU) is
 * done block by block while the block is in the cache.
 */
public final class Products {
    /** Multiply-adds of a block: a fraction of a millisecond, far above the cost of handing a task over. */
    private static final long BLOCK_WORK = 1L << 23;
    private static final int MOST_BLOCKS = 16;
    /** Block edges are multiples of this, which the micro-kernels' register tiles divide. */
    private static final int EDGE = 48;
    /** Columns that one task sums over all rows. */
    private static final int SUM_COLUMNS = 64;

    private final CpuContext context;
    private final Workers.Task block = this::multiplyBlock;
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
    private int gridColumns;

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
    public void matmul(HostTensor x, boolean transposeX, HostTensor y, boolean transposeY, float factor, float keep, HostTensor out) {
        bias = null;
        activated = null;
        multiply(x, transposeX, y, transposeY, factor, keep, out);
    }

    /** As {@link org.seqpe.compute.Device#linear}. */
    public void linear(HostTensor x, HostTensor w, boolean transposeW, HostTensor addend, HostTensor out) {
        bias = addend == null ? null : addend.bytes();
        product = out.bytes();
        activated = null;
        multiply(x, false, w, transposeW, 1, 0, out);
    }

    /** As {@link org.seqpe.compute.Device#linearGelu}. */
    public void linearGelu(Gelu geluForm, HostTensor x, HostTensor w, boolean transposeW, HostTensor addend, HostTensor pre, HostTensor out) {
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

    /** As {@link org.seqpe.compute.Device#matmulBatched}, on tensors that were found large enough. */
    public void matmulBatched(int products, int rows, int outer, int inner, float factor,
                              HostTensor x, int leadingX, long strideX, boolean transposeX,
                              HostTensor y, int leadingY, long strideY, boolean transposeY,
                              float keep, HostTensor out, int leadingOut, long strideOut) {
        set(rows, outer, inner, factor, keep, transposeX, transposeY);
        a = CpuContext.address(x);
        b = CpuContext.address(y);
        c = CpuContext.address(out);
        leadingA = leadingX;
        leadingB = leadingY;
        leadingC = leadingOut;
        bias = null;
        activated = null;
        long work = (long) rows * outer * inner;
        if (work >= BLOCK_WORK) {
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
        perChunk = (int) Math.max(1, Math.min(products, BLOCK_WORK / 4 / Math.max(1, work)));
        context.workers.run(CpuContext.blocks(products, perChunk), chunk);
    }

    private void multiply(HostTensor x, boolean transposeX, HostTensor y, boolean transposeY, float factor, float keep, HostTensor out) {
        int columnsX = (int) x.columns();
        set((int) out.rows(), (int) out.columns(), transposeX ? (int) x.rows() : columnsX, factor, keep, transposeX, transposeY);
        a = CpuContext.address(x);
        b = CpuContext.address(y);
        c = CpuContext.address(out);
        leadingA = Math.max(1, columnsX);
        leadingB = Math.max(1, (int) y.columns());
        leadingC = Math.max(1, n);
        runGrid();
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

    /** Chooses the grid from the shape alone: about {@link #BLOCK_WORK} a block, and the least packing of a and b, which BLAS does anew for every block. */
    private void runGrid() {
        if (m == 0 || n == 0) {
            return;
        }
        long wanted = Math.max(1, Math.min(MOST_BLOCKS, (long) m * n * Math.max(1, k) / BLOCK_WORK));
        int bestRows = 1;
        long bestCost = Long.MAX_VALUE;
        for (int gridRows = 1; gridRows <= wanted; gridRows *= 2) {
            long cost = gridRows * (long) n + wanted / gridRows * m;
            if (cost < bestCost) {
                bestCost = cost;
                bestRows = gridRows;
            }
        }
        blockRows = edge(m, bestRows);
        blockColumns = edge(n, (int) (wanted / bestRows));
        gridColumns = CpuContext.blocks(n, blockColumns);
        context.workers.run(CpuContext.blocks(m, blockRows) * gridColumns, block);
    }

    private static int edge(int extent, int parts) {
        return CpuContext.blocks(CpuContext.blocks(extent, parts), EDGE) * EDGE;
    }

    private void multiplyBlock(int index, int worker) {
        int row = index / gridColumns * blockRows;
        int column = index % gridColumns * blockColumns;
        int rows = Math.min(blockRows, m - row);
        int width = Math.min(blockColumns, n - column);
        long atA = a + Float.BYTES * (transposeA ? row : (long) row * leadingA);
        long atB = b + Float.BYTES * (transposeB ? (long) column * leadingB : column);
        long atC = c + Float.BYTES * ((long) row * leadingC + column);
        context.blas[worker].gemm(transposeA, transposeB, rows, width, k, alpha, atA, leadingA, atB, leadingB, beta, atC, leadingC);
        if (bias != null || activated != null) {
            finish(row, rows, column * Float.BYTES, width * Float.BYTES, context.spare[worker]);
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
            context.blas[worker].gemm(transposeA, transposeB, m, n, k, alpha, a + i * strideA * Float.BYTES, leadingA,
                    b + i * strideB * Float.BYTES, leadingB, beta, c + i * strideC * Float.BYTES, leadingC);
        }
    }

    private void sumColumns(int index, int worker) {
        int from = index * SUM_COLUMNS * Float.BYTES;
        int to = Math.min(n, (index + 1) * SUM_COLUMNS) * Float.BYTES;
        ColumnSums.add(product, 0, n * Float.BYTES, m, sums, from, to);
    }
}

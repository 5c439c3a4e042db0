package org.seqpe.compute.cpu.product;

import java.nio.ByteBuffer;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cpu.row.ColumnSums;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.GeluLoops;
import org.seqpe.compute.cpu.row.Rounding;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Gemm;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/**
 * Matrix products. A product is cut into a grid of blocks of c, each computed by one thread; what follows a product
 * (bias, GELU) is done block by block while the block is in the cache. Where one operand is of bfloat16, the other is
 * rounded to it, and the product is one of bfloat16 with sums in float32.
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
    private final Elementwise elementwise;
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
    /** What computes the product on each worker, and the bytes of an operand's element. */
    private Gemm[] gemms;

    private int elementBytes;

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

    private Precision activatedPrecision;

    private Gelu form;
    private ByteBuffer sums;

    /** @param elementwise rounds operands */
    public Products(CpuContext context, Elementwise elementwise) {
        this.context = context;
        this.elementwise = elementwise;
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
        begin(lowest(x, y));
        a = operand(x, 0);
        b = operand(y, 1);
        target(out);
        multiply(x, transposeX, y, transposeY, factor, keep, out);
    }

    /** Computes {@link org.seqpe.compute.Device#linear}. */
    public void linear(HostTensor x, HostTensor w, boolean transposeW, HostTensor addend, HostTensor out) {
        begin(lowest(x, w));
        a = operand(x, 0);
        b = operand(w, 1);
        target(out);
        bias = addend == null ? null : addend.bytes();
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
        begin(lowest(x, w));
        a = operand(x, 0);
        b = operand(w, 1);
        bias = addend == null ? null : addend.bytes();
        activated = out.bytes();
        activatedPrecision = out.precision();
        form = geluForm;
        if (pre != null) {
            target(pre);
        } else if (activatedPrecision == Precision.FLOAT32) {
            target(out);
        } else {
            context.partials.reserve(out.size());
            c = context.partials.address();
            product = context.partials.bytes();
        }
        if (activatedPrecision != Precision.FLOAT32) {
            for (Scratch tile : context.tiles) {
                tile.reserve(out.columns());
            }
        }
        multiply(x, false, w, transposeW, 1, 0, out);
    }

    /** Computes the products of {@link org.seqpe.compute.Device#linearBackward}. */
    public void linearBackward(
            HostTensor dOut,
            HostTensor x,
            HostTensor w,
            boolean transposeW,
            HostTensor dX,
            boolean accumulateX,
            HostTensor dW) {
        begin(lowest(x, w));
        long upstream = operand(dOut, 0);
        if (dX != null) {
            a = upstream;
            b = operand(w, 1);
            target(dX);
            multiply(dOut, false, w, !transposeW, 1, accumulateX ? 1 : 0, dX);
        }
        if (dW != null) {
            long input = operand(x, 1);
            a = transposeW ? upstream : input;
            b = transposeW ? input : upstream;
            target(dW);
            multiply(transposeW ? dOut : x, true, transposeW ? x : dOut, false, 1, 1, dW);
        }
    }

    private static Precision lowest(HostTensor x, HostTensor y) {
        return x.precision() == Precision.BFLOAT16 ? x.precision() : y.precision();
    }

    /** A product of operands in this precision, without a bias or GELU. */
    private void begin(Precision precision) {
        gemms = precision == Precision.FLOAT32 ? context.blas : context.bfloat16;
        elementBytes = precision.bytes();
        bias = null;
        activated = null;
    }

    /**
     * The address of an operand in the product's precision: the tensor's own, or that of a rounded copy.
     *
     * @param place which of the two copies
     */
    private long operand(HostTensor tensor, int place) {
        if (tensor.precision().bytes() == elementBytes) {
            return tensor.address();
        }
        Scratch copy = context.rounded[place];
        copy.reserve((tensor.size() + 1) / 2);
        elementwise.convert(tensor, copy.bytes(), Precision.BFLOAT16);
        return copy.address();
    }

    private void target(HostTensor out) {
        c = out.address();
        product = out.bytes();
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
        begin(lowest(x, y));
        a = operand(x, 0);
        b = operand(y, 1);
        target(out);
        leadingA = leadingX;
        leadingB = leadingY;
        leadingC = leadingOut;
        long work = (long) rows * outer * inner;
        if (work >= TASK_WORK) {
            for (int i = 0; i < products; i++) {
                runGrid();
                a += strideX * elementBytes;
                b += strideY * elementBytes;
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
        long atA = a + elementBytes * (transposeA ? (long) inner * leadingA + row : (long) row * leadingA + inner);
        long atB =
                b + elementBytes * (transposeB ? (long) column * leadingB + inner : (long) inner * leadingB + column);
        long target = slice == 0 ? c : context.partials.address() + (slice - 1L) * m * n * Float.BYTES;
        long atC = target + Float.BYTES * ((long) row * leadingC + column);
        gemms[worker].gemm(
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
            finish(row, rows, column * Float.BYTES, width * Float.BYTES, worker);
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

    private void finish(int row, int rows, int columnAt, int bytes, int worker) {
        for (int i = row; i < row + rows; i++) {
            int at = i * n * Float.BYTES + columnAt;
            if (bias != null) {
                Elementwise.add(product, at, bias, columnAt, product, at, bytes);
            }
            if (activated != null) {
                activate(at, bytes, worker);
            }
        }
    }

    private void activate(int at, int bytes, int worker) {
        if (activatedPrecision == Precision.FLOAT32) {
            GeluLoops.forward(form, product, at, activated, at, bytes, context.spare[worker]);
        } else {
            ByteBuffer row = context.tiles[worker].bytes();
            GeluLoops.forward(form, product, at, row, 0, bytes, context.spare[worker]);
            Rounding.round(row, 0, activated, at / Float.BYTES * Short.BYTES, bytes / Float.BYTES);
        }
    }

    private void multiplyChunk(int index, int worker) {
        for (int i = index * perChunk; i < Math.min(count, (index + 1) * perChunk); i++) {
            gemms[worker].gemm(
                    transposeA,
                    transposeB,
                    m,
                    n,
                    k,
                    alpha,
                    a + i * strideA * elementBytes,
                    leadingA,
                    b + i * strideB * elementBytes,
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

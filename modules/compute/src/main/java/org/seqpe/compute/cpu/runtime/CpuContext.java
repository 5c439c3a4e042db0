package org.seqpe.compute.cpu.runtime;

import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the kernels of one device share: its threads, and for each thread its products and working memory. */
public final class CpuContext implements AutoCloseable {
    /** Elements of a task of an elementwise kernel. */
    public static final int BLOCK = 1 << 14;

    public final Workers workers;
    /** Per worker: products of float32. */
    public final Blas[] blas;
    /** Per worker: products of bfloat16; null on a device of float32. */
    public final Gemm[] bfloat16;
    /** Per worker: a tile or two. */
    public final Scratch[] tiles;
    /** Per worker: one vector on the heap, for the tails of rows. */
    public final float[][] spare;
    /** Shared by the tasks of a kernel: partial sums. */
    public final Scratch partials = new Scratch();
    /** Shared by the tasks of an attention: its operands in bfloat16. */
    public final Scratch[] roundedHeads = Stream.generate(Scratch::new).limit(4).toArray(Scratch[]::new);
    /** Per worker: a tile or two in bfloat16. */
    public final Scratch[] roundedTiles;
    /** Shared by the tasks of a product: its two operands in bfloat16. */
    public final Scratch[] rounded = {new Scratch(), new Scratch()};

    /**
     * For a device of float32.
     *
     * @param threads how many threads compute, the caller among them
     */
    public CpuContext(int threads) {
        this(threads, null);
    }

    /**
     * For a device of bfloat16.
     *
     * @param bfloat16 makes what multiplies operands of bfloat16
     */
    public CpuContext(int threads, Supplier<Gemm> bfloat16) {
        Blas.useCallingThreadOnly();
        workers = new Workers(threads);
        blas = perWorker(Blas::new).toArray(Blas[]::new);
        this.bfloat16 = bfloat16 == null ? null : perWorker(bfloat16).toArray(Gemm[]::new);
        tiles = perWorker(Scratch::new).toArray(Scratch[]::new);
        roundedTiles = perWorker(Scratch::new).toArray(Scratch[]::new);
        spare = perWorker(() -> new float[Lanes.COUNT]).toArray(float[][]::new);
    }

    private <T> Stream<T> perWorker(Supplier<T> each) {
        return IntStream.range(0, workers.threads()).mapToObj(i -> each.get());
    }

    /** How many blocks of at most {@code block} cover {@code total}. */
    public static int blocks(long total, int block) {
        return Math.toIntExact((total + block - 1) / block);
    }

    /** Ends the threads and frees the working memory. */
    @Override
    public void close() {
        workers.close();
        partials.release();
        Stream.of(rounded, roundedHeads, roundedTiles, tiles)
                .flatMap(Stream::of)
                .forEach(Scratch::release);
        if (bfloat16 != null) {
            Stream.of(bfloat16).forEach(Gemm::close);
        }
    }
}

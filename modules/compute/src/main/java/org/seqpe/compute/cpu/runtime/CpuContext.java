package org.seqpe.compute.cpu.runtime;

import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.seqpe.compute.host.HostTensor;

/** What the kernels of one device share: its threads, and for each thread its BLAS pointers and working memory. */
public final class CpuContext implements AutoCloseable {
    /** Elements of a task of an elementwise kernel. */
    public static final int BLOCK = 1 << 14;

    public final Workers workers;
    /** Per worker. */
    public final Blas[] blas;
    /** Per worker: a tile or two. */
    public final Scratch[] tiles;
    /** Per worker: one vector on the heap, for the tails of rows. */
    public final float[][] spare;
    /** Shared by the tasks of a kernel: partial sums. */
    public final Scratch partials = new Scratch();

    /** @param threads how many threads compute, the caller among them */
    public CpuContext(int threads) {
        Blas.useCallingThreadOnly();
        workers = new Workers(threads);
        blas = perWorker(Blas::new).toArray(Blas[]::new);
        tiles = perWorker(Scratch::new).toArray(Scratch[]::new);
        spare = perWorker(() -> new float[Lanes.COUNT]).toArray(float[][]::new);
    }

    private <T> java.util.stream.Stream<T> perWorker(Supplier<T> each) {
        return IntStream.range(0, workers.threads()).mapToObj(i -> each.get());
    }

    public static long address(HostTensor tensor) {
        return tensor.pointer().address() + tensor.pointer().position() * Float.BYTES;
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
        for (Scratch tile : tiles) {
            tile.release();
        }
    }
}

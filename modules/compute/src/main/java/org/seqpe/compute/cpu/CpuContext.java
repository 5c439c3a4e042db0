package org.seqpe.compute.cpu;

import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.seqpe.compute.HostTensor;

/** What the kernels of one device share: its threads, and for each thread its BLAS pointers and working memory. */
public final class CpuContext implements AutoCloseable {
    /** Elements of a task of an elementwise kernel. */
    static final int BLOCK = 1 << 14;

    final Workers workers;
    /** Per worker. */
    final Blas[] blas;
    /** Per worker: a tile or two. */
    final Scratch[] tiles;
    /** Per worker: one vector on the heap, for the tails of rows. */
    final float[][] spare;
    /** Shared by the tasks of a kernel: partial sums. */
    final Scratch partials = new Scratch();

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

    static long address(HostTensor tensor) {
        return tensor.pointer().address() + tensor.pointer().position() * Float.BYTES;
    }

    /** How many blocks of at most {@code block} cover {@code total}. */
    static int blocks(long total, int block) {
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

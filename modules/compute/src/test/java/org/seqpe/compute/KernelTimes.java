package org.seqpe.compute;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Times the kernels of {@link CpuDevice} at the shapes of one layer of a small GPT and prints, for each, the best time, GFLOP/s or GB/s, and the bytes that a call
 * allocates on the caller's heap. A main program for people who change kernels, not a test: run it with the test class path,
 * {@code --add-modules jdk.incubator.vector -Xbatch}, and the number of threads and the beginning of a kernel's name as
 * its arguments.
 */
public final class KernelTimes {
    private static final int BATCH = 8;
    private static final int LENGTH = 256;
    private static final int HEADS = 4;
    private static final int WIDTH = 64;
    private static final int CHANNELS = HEADS * WIDTH;
    private static final int VOCABULARY = 8192;
    private static final int ROWS = BATCH * LENGTH;
    private static final long ROUND_NANOS = 60_000_000;
    private static final int ROUNDS = 12;

    private final int threadCount;
    private final CpuDevice device;
    private final Random random = new Random(1);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private KernelTimes(int threadCount) {
        this.threadCount = threadCount;
        device = new CpuDevice(threadCount);
    }

    public static void main(String[] arguments) {
        new KernelTimes(Integer.parseInt(arguments[0])).run(arguments.length > 1 ? arguments[1] : "");
    }

    private Tensor random(long... shape) {
        Tensor tensor = device.allocate(shape);
        float[] values = new float[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        tensor.upload(values);
        return tensor;
    }

    /** Wall time; with one thread its processor time, which other programs disturb less. */
    private long clock() {
        return threadCount == 1 ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** @param work floating-point operations, or bytes moved when negative; in millions */
    private void time(String only, String name, double work, Runnable kernel) {
        if (!name.startsWith(only)) {
            return;
        }
        double best = Double.MAX_VALUE;
        long allocated = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int calls = 0;
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            long start = System.nanoTime();
            long elapsed;
            double least = Double.MAX_VALUE;
            do {
                long from = clock();
                kernel.run();
                calls++;
                least = Math.min(least, clock() - from);
                elapsed = System.nanoTime() - start;
            } while (elapsed < ROUND_NANOS);
            allocated = (threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before) / calls;
            best = Math.min(best, least);
        }
        System.out.printf(Locale.ROOT, "%-34s %9.3f ms %8.1f %s %8d B%n", name, best / 1e6, Math.abs(work) * 1e6 / best,
                work < 0 ? "GB/s   " : "GFLOP/s", allocated);
    }

    private void run(String only) {
        matrices(only);
        rows(only);
        attention(only, Attention.plain(BATCH, LENGTH, HEADS, WIDTH, true), "");
        attention(only, Attention.plain(BATCH, LENGTH, HEADS, WIDTH, true).withPositions(1, WIDTH, 1), " with positions");
        attention(only, Attention.plain(BATCH, LENGTH, HEADS, WIDTH, true).withDropout(0.1f, 5), " with dropout");
        attention(only, Attention.plain(1, 2048, HEADS, WIDTH, true), " of 2048");
        listAttention(only);
        optimizer(only);
        device.close();
    }

    private void matrices(String only) {
        int[][] shapes = {{CHANNELS, 3 * CHANNELS}, {CHANNELS, CHANNELS}, {CHANNELS, 4 * CHANNELS}, {4 * CHANNELS, CHANNELS}};
        for (int[] shape : shapes) {
            linear(only, ROWS, shape[0], shape[1]);
        }
        Tensor hidden = random(ROWS, CHANNELS);
        Tensor dHidden = random(ROWS, CHANNELS);
        Tensor table = random(VOCABULARY, CHANNELS);
        Tensor dTable = random(VOCABULARY, CHANNELS);
        Tensor logits = random(ROWS, VOCABULARY);
        double work = 2e-6 * ROWS * VOCABULARY * CHANNELS;
        time(only, "logits", work, () -> device.linear(hidden, table, true, null, logits));
        time(only, "logits dHidden", work, () -> device.linearBackward(logits, hidden, table, true, dHidden, false, null, null));
        time(only, "logits dTable", work, () -> device.linearBackward(logits, hidden, table, true, null, false, dTable, null));
        Ints labels = device.allocateInts(ROWS);
        labels.upload(random.ints(ROWS, 0, VOCABULARY).toArray());
        Tensor loss = device.allocate(ROWS);
        time(only, "cross-entropy", -8e-6 * ROWS * VOCABULARY, () -> device.crossEntropy(logits, labels, 1, 0, true, 1, loss));
        for (int small : new int[] {64, 300, 1200}) {
            linear(only, small, CHANNELS, 3 * CHANNELS);
        }
    }

    private void linear(String only, int rows, int inner, int outer) {
        Tensor x = random(rows, inner);
        Tensor w = random(inner, outer);
        Tensor bias = random(outer);
        Tensor pre = random(rows, outer);
        Tensor out = random(rows, outer);
        Tensor dX = random(rows, inner);
        Tensor dW = random(inner, outer);
        Tensor dBias = random(outer);
        String shape = " " + rows + "x" + inner + "x" + outer;
        double work = 2e-6 * rows * inner * outer;
        time(only, "linear" + shape, work, () -> device.linear(x, w, false, bias, out));
        time(only, "linearGelu" + shape, work, () -> device.linearGelu(Gelu.TANH, x, w, false, bias, pre, out));
        time(only, "linear dX" + shape, work, () -> device.linearBackward(out, x, w, false, dX, false, null, null));
        time(only, "linear dW" + shape, work, () -> device.linearBackward(out, x, w, false, null, false, dW, null));
        time(only, "linear dBias" + shape, -4e-6 * rows * outer, () -> device.linearBackward(out, x, w, false, null, false, null, dBias));
        time(only, "linear backward" + shape, 2 * work, () -> device.linearBackward(out, x, w, false, dX, false, dW, dBias));
    }

    private void rows(String only) {
        Tensor x = random(ROWS, CHANNELS);
        Tensor y = random(ROWS, CHANNELS);
        Tensor out = random(ROWS, CHANNELS);
        Tensor weight = random(CHANNELS);
        Tensor bias = random(CHANNELS);
        Tensor mean = random(ROWS);
        Tensor rstd = random(ROWS);
        Tensor wide = random(ROWS, 4 * CHANNELS);
        Tensor dWide = random(ROWS, 4 * CHANNELS);
        Tensor outWide = random(ROWS, 4 * CHANNELS);
        double bytes = -4e-6 * ROWS * CHANNELS;
        time(only, "layerNorm", 2 * bytes, () -> device.layerNorm(x, weight, bias, 1e-5f, out, mean, rstd));
        time(only, "layerNormBackward", 4 * bytes, () -> device.layerNormBackward(y, x, weight, mean, rstd, out, true, weight, bias));
        time(only, "gelu tanh", 8 * bytes, () -> device.gelu(Gelu.TANH, wide, outWide));
        time(only, "gelu exact", 8 * bytes, () -> device.gelu(Gelu.EXACT, wide, outWide));
        time(only, "gelu tanh backward", 12 * bytes, () -> device.geluBackward(Gelu.TANH, wide, dWide, outWide));
        time(only, "gelu exact backward", 12 * bytes, () -> device.geluBackward(Gelu.EXACT, wide, dWide, outWide));
        time(only, "add", 3 * bytes, () -> device.add(x, y, out));
        time(only, "dropout", 2 * bytes, () -> device.dropout(x, 0.1f, 7, out));
        Ints ids = device.allocateInts(ROWS);
        ids.upload(random.ints(ROWS, 0, VOCABULARY).toArray());
        Tensor table = random(VOCABULARY, CHANNELS);
        time(only, "gather", 2 * bytes, () -> device.gather(ids, table, out, false));
        time(only, "scatterAdd", 3 * bytes, () -> device.scatterAdd(ids, out, table));
        Tensor positions = random(LENGTH, CHANNELS);
        time(only, "addRows", 2 * bytes, () -> device.addRows(x, positions, out));
        time(only, "sumRows", bytes, () -> device.sumRows(x, positions));
        Tensor sin = random(LENGTH, WIDTH / 2);
        Heads heads = Heads.columns(x, 0, WIDTH);
        time(only, "rotary", 2 * bytes, () -> device.rotary(heads, ROWS, HEADS, WIDTH, sin, sin, false, heads));
    }

    private void attention(String only, Attention spec, String variant) {
        int rows = spec.batch() * spec.length();
        Tensor qkv = random(rows, 3 * CHANNELS);
        Tensor dQkv = random(rows, 3 * CHANNELS);
        Tensor out = random(rows, CHANNELS);
        Tensor dOut = random(rows, CHANNELS);
        Tensor sums = random(spec.batch(), HEADS, spec.length());
        Tensor position = random(spec.length(), 2 * CHANNELS);
        Heads pq = spec.hasPositions() ? Heads.columns(position, 0, WIDTH) : null;
        Heads pk = spec.hasPositions() ? Heads.columns(position, CHANNELS, WIDTH) : null;
        Heads q = Heads.columns(qkv, 0, WIDTH);
        Heads k = Heads.columns(qkv, CHANNELS, WIDTH);
        Heads v = Heads.columns(qkv, 2 * CHANNELS, WIDTH);
        Heads dQ = Heads.columns(dQkv, 0, WIDTH);
        Heads dK = Heads.columns(dQkv, CHANNELS, WIDTH);
        Heads dV = Heads.columns(dQkv, 2 * CHANNELS, WIDTH);
        Heads o = Heads.columns(out, 0, WIDTH);
        Heads dO = Heads.columns(dOut, 0, WIDTH);
        // Products of the half that a causal query sees.
        double product = 1e-6 * rows * spec.length() * CHANNELS;
        int position2 = spec.hasPositions() ? 1 : 0;
        time(only, "attention" + variant, (2 + position2) * product, () -> device.attention(spec, q, k, v, pq, pk, o, sums));
        time(only, "attentionBackward" + variant, (5 + 3 * position2) * product,
                () -> device.attentionBackward(spec, q, k, v, pq, pk, o, sums, dO, dQ, dK, dV, pq, pk));
    }

    private void listAttention(String only) {
        int rows = 1200;
        int slots = 6;
        Tensor qkv = random(rows, 3 * CHANNELS);
        Tensor out = random(rows, CHANNELS);
        Tensor weights = random(rows, HEADS, slots);
        Ints queries = device.allocateInts(rows);
        queries.upload(IntStream.range(0, rows).toArray());
        Ints keys = device.allocateInts(rows * slots);
        keys.upload(random.ints((long) rows * slots, 0, rows).toArray());
        Heads q = Heads.columns(qkv, 0, WIDTH);
        Heads k = Heads.columns(qkv, CHANNELS, WIDTH);
        Heads v = Heads.columns(qkv, 2 * CHANNELS, WIDTH);
        Heads o = Heads.columns(out, 0, WIDTH);
        Tensor dQkv = random(rows, 3 * CHANNELS);
        Heads dQ = Heads.columns(dQkv, 0, WIDTH);
        Heads dK = Heads.columns(dQkv, CHANNELS, WIDTH);
        Heads dV = Heads.columns(dQkv, 2 * CHANNELS, WIDTH);
        double product = 2e-6 * rows * slots * CHANNELS;
        time(only, "listAttention", 2 * product, () -> device.listAttention(rows, rows, HEADS, WIDTH, 0.1f, queries, keys, slots, 0, 0, q, k, v, o, weights));
        time(only, "listAttentionBackward", 4 * product,
                () -> device.listAttentionBackward(rows, rows, HEADS, WIDTH, 0.1f, queries, keys, slots, 0, 0, q, k, v, weights, o, dQ, dK, dV));
    }

    private void optimizer(String only) {
        int parameters = 5_300_000;
        Tensor g = random(parameters);
        Tensor m = random(parameters);
        Tensor v = random(parameters);
        device.fill(v, 1);
        time(only, "adam", -24e-6 * parameters, () -> device.adam(g, m, v, 1e-4, 0.9, 0.999, 1e-8, 10));
        time(only, "sumOfSquares", -4e-6 * parameters, () -> device.sumOfSquares(g));
        time(only, "axpy", -12e-6 * parameters, () -> device.axpy(0.5f, g, m));
        time(only, "fill", -4e-6 * parameters, () -> device.fill(g, 0));
    }
}

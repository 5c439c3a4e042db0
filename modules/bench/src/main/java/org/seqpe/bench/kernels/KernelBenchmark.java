package org.seqpe.bench.kernels;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.core.random.RandomStream;

/** What all kernels' benchmarks share: the device, the shape, and random operands. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public abstract class KernelBenchmark {
    private static final long SEED = 1;

    /** Which device computes. */
    @Param({"cpu", "nd4j"})
    public String device;
    /** Name of a {@link KernelShape}. */
    @Param({"quickstart", "small", "gpt2"})
    public String shape;
    /** Threads of the device. */
    @Param("2")
    public int threads;

    /** The device under test. */
    protected Device on;
    /** The sizes. */
    protected KernelShape at;

    private final RandomStream random = new RandomStream(SEED);

    @Setup(Level.Trial)
    public final void begin() {
        on = Devices.create(DeviceConfig.Kind.valueOf(device.toUpperCase(Locale.ROOT)), threads);
        at = KernelShape.valueOf(shape.toUpperCase(Locale.ROOT));
        prepare();
    }

    /** Makes the operands. */
    protected abstract void prepare();

    @TearDown(Level.Trial)
    public final void end() {
        on.close();
    }

    /** A tensor of standard normal numbers. */
    protected final Tensor normal(long... extents) {
        Tensor tensor = on.allocate(extents);
        // A short sequence again and again: kernels do not see the difference, and large tables are made at once.
        float[] values = new float[(int) Math.min(tensor.size(), 1 << 16)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        for (long done = 0; done < tensor.size(); done += values.length) {
            tensor.upload(done, values, 0, (int) Math.min(values.length, tensor.size() - done));
        }
        return tensor;
    }

    /** Random whole numbers below a bound. */
    protected final Ints below(int bound, int count) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(bound);
        }
        Ints ints = on.allocateInts(count);
        ints.upload(values);
        return ints;
    }
}

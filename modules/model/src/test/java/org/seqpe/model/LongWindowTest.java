package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.StepPositions;
import org.seqpe.model.task.Tasks;

/**
 * Evaluation goes by slices of rows and positions: its results are those of the whole window at once, and its memory is
 * bounded.
 */
class LongWindowTest {
    private static final int HEADS = 3;

    private static ModelSpec spec(
            Encoding encoding,
            Apply apply,
            Projection projection,
            boolean sharePrefixes,
            int headWidth,
            int layers,
            int length) {
        SeqPeConfig seqpe = new SeqPeConfig(
                apply,
                projection,
                true,
                1,
                6,
                0,
                2,
                SeqPeConfig.Direction.CAUSAL,
                true,
                false,
                true,
                true,
                true,
                1,
                1,
                0,
                0,
                1,
                sharePrefixes);
        PositionConfig position = new PositionConfig(
                encoding,
                1_000_000,
                10000,
                PositionConfig.AlibiScaling.PUBLISHED,
                0,
                PositionConfig.MixedTable.PUBLISHED,
                seqpe);
        return Tasks.spec(
                new ModelConfig(
                        61,
                        HEADS * headWidth,
                        layers,
                        HEADS,
                        0,
                        0,
                        1e-5,
                        0.2,
                        true,
                        ModelConfig.Activation.GELU_TANH,
                        0,
                        position),
                length);
    }

    private static Parameters parameters(ModelSpec spec, Device device) {
        Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
        parameters.initialize(3);
        return parameters;
    }

    /**
     * Training computes all rows of a block at once; the last shape has three slices of them. The one before has two
     * slices of rows, and of positions, whose vectors then agree to rounding only, because the encoder's rows lie
     * otherwise in the blocks of its products: 1e-6, which attn-mul's logits of order 10 enlarge.
     */
    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_SCALAR,SINGLE,true,8",
        "SEQPE,ATTN_MUL,MULTI,true,20",
        "SEQPE,ATTN_ADD,NONE,false,8",
        "ROPE,ATTN_SCALAR,SINGLE,true,64",
        "ALIBI,ATTN_SCALAR,SINGLE,true,20",
        "SINUSOIDAL,ATTN_SCALAR,SINGLE,true,8"
    })
    void logitsAreBitwiseThoseOfTheWholeWindow(
            Encoding encoding, Apply apply, Projection projection, boolean sharePrefixes, int headWidth) {
        // Batch and length.
        for (int[] shape : new int[][] {{1, 1}, {1, 7}, {1, 513}, {1, 4097}, {13, 513}}) {
            int batch = shape[0];
            int length = shape[1];
            try (Device device = new CpuDevice(2)) {
                ModelSpec spec = spec(encoding, apply, projection, sharePrefixes, headWidth, 2, length);
                TestLanguageModel model =
                        new TestLanguageModel(spec, ModelFixtures.objective(), parameters(spec, device), device);
                int[] tokens = IntStream.range(0, batch * length)
                        .map(i -> i * 7919 % 61)
                        .toArray();
                int[] positions = IntStream.range(0, length).toArray();
                model.lossAndGradient(tokens, tokens, batch, new StepPositions(positions, 1, null, null, 0), 1, 1);
                float[] whole = model.trainingLogits().toArray();
                float[] sliced = model.logits(tokens, batch, length, length).toArray();
                // The arrays themselves would make a message of megabytes.
                if (encoding == Encoding.SEQPE && length > 4096) {
                    assertThat(largestDifference(sliced, whole))
                            .as("largest difference at length %d", length)
                            .isLessThan(5e-4f);
                } else {
                    assertThat(Arrays.mismatch(sliced, whole))
                            .as("first element that differs at length %d", length)
                            .isEqualTo(-1);
                }
            }
        }
    }

    private static float largestDifference(float[] a, float[] b) {
        float largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    /**
     * The bound a row: residual stream, qkv, attended, last norm and its two statistics; position vectors and their
     * projection; token, label, loss.
     */
    @ParameterizedTest
    @EnumSource(
            value = Encoding.class,
            names = {"SEQPE", "ROPE", "SINUSOIDAL", "NONE"})
    void memoryGrowsWithTheLengthAlone(Encoding encoding) {
        int width = HEADS * 8;
        int encodingFloats =
                switch (encoding) {
                    case SEQPE -> 3 * width;
                    case ROPE -> 8;
                    case SINUSOIDAL -> width;
                    default -> 0;
                };
        long perRow = Float.BYTES * (6L * width + encodingFloats + 5);
        long first = peakBytes(encoding, 8192);
        assertThat(peakBytes(encoding, 8192 + 4096) - first)
                .as("4096 rows more")
                .isEqualTo(4096 * perRow);
    }

    /**
     * A sweep's lengths rise. Lists of integers wait for the garbage collector: less than 2 %, where all outgrown
     * memory would be half as much again.
     */
    @ParameterizedTest
    @EnumSource(
            value = Encoding.class,
            names = {"SEQPE", "ROPE"})
    void outgrownMemoryIsFreedAtOnce(Encoding encoding) {
        long alone = peakBytes(encoding, 8192);
        assertThat(peakBytes(encoding, 64, 512, 4096, 8192))
                .as("most bytes at once")
                .isBetween(alone, alone + alone / 50);
    }

    /** The most memory that a fresh model has of its device at once while it evaluates windows of these lengths. */
    private static long peakBytes(Encoding encoding, int... lengths) {
        AtomicLong bytes = new AtomicLong();
        AtomicLong peak = new AtomicLong();
        try (CpuDevice device = new CpuDevice(2)) {
            Device counting = (Device) Proxy.newProxyInstance(
                    Device.class.getClassLoader(), new Class<?>[] {Device.class}, (proxy, method, arguments) -> {
                        try {
                            Object result = method.invoke(device, arguments);
                            if (result instanceof Tensor || result instanceof Ints) {
                                bytes.addAndGet(Float.BYTES
                                        * (result instanceof Tensor tensor
                                                ? tensor.size()
                                                : ((Ints) result).capacity()));
                                peak.accumulateAndGet(bytes.get(), Math::max);
                            } else if (method.getName().equals("free")) {
                                bytes.addAndGet(-Float.BYTES * ((Tensor) arguments[0]).size());
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            ModelSpec spec = spec(encoding, Apply.ATTN_MUL, Projection.MULTI, true, 8, 1, 512);
            TestLanguageModel model =
                    new TestLanguageModel(spec, ModelFixtures.objective(), parameters(spec, counting), counting);
            long start = bytes.get();
            for (int length : lengths) {
                int[] tokens = new int[length];
                model.losses(tokens, tokens, 1, length, length);
            }
            return peak.get() - start;
        }
    }
}

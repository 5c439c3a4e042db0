package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Ints;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.compute.nd4j.Nd4jDevice;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.golden.Close;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.position.Interpolation;
import org.seqpe.model.position.Learned;
import org.seqpe.model.position.PositionEncoding;
import org.seqpe.model.position.Sinusoidal;
import org.seqpe.model.position.SinusoidalTable;
import org.seqpe.model.seqpe.EvaluationVectors;
import org.seqpe.model.seqpe.PositionEncoder;
import org.seqpe.model.task.Tasks;
import org.seqpe.model.text.LanguageHead;
import org.seqpe.model.transformer.RandomKeys;

/**
 * What is computed slice by slice is what one computation of the whole gives, also beyond two slices and with a shorter
 * last one.
 */
class SlicesTest {
    private static final int WIDTH = 12;
    /** Three slices of a table's rows, and a few more. */
    private static final int FAR = 3 * 4096 + 7;

    private static ModelSpec spec(Encoding encoding) {
        return Tasks.spec(ModelFixtures.model(encoding, Apply.ATTN_SCALAR, Projection.SINGLE, 0), ModelFixtures.LENGTH);
    }

    private static float[] values(int count, int seed) {
        RandomStream random = RandomStream.of(2, seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static void assertClose(Tensor actual, Tensor expected, String what) {
        float[] wanted = expected.toArray();
        double[] doubles =
                IntStream.range(0, wanted.length).mapToDouble(i -> wanted[i]).toArray();
        Close.assertClose(actual.toArray(), doubles, 1e-5, what);
    }

    /**
     * Rows of which many have no label, in three blocks of logits and a shorter one; and blocks as they are with very
     * many words.
     */
    @ParameterizedTest
    @ValueSource(ints = {512, 200, 1})
    void theHeadsBlocksOfRows(int blockRows) {
        int rows = 3 * 512 + 7;
        int vocabulary = ModelFixtures.VOCABULARY;
        int[] targets = ModelFixtures.tokens(3, rows);
        for (int i = 0; i < rows; i += 5) {
            targets[i] = -1;
        }
        List<Tensor> results = new ArrayList<>();
        List<double[]> losses = new ArrayList<>();
        try (Device fast = new CpuDevice(2);
                Device plain = new Nd4jDevice()) {
            for (Device device : new Device[] {fast, plain}) {
                Tensor hidden = device.allocate(rows, WIDTH);
                hidden.upload(values(rows * WIDTH, 1));
                Tensor embedding = device.allocate(vocabulary, WIDTH);
                embedding.upload(values(vocabulary * WIDTH, 2));
                Tensor gradient = device.allocate(vocabulary, WIDTH);
                Tensor dHidden = device.allocate(rows, WIDTH);
                LanguageHead head = new LanguageHead(
                        device, new Parameters.Weight(embedding, gradient, embedding, embedding), blockRows);
                double sum;
                float[] each;
                if (device == fast) {
                    Doubles sums = device.allocateDoubles(1);
                    head.lossAndGradient(hidden, targets, 0.5f, dHidden, sums, 0);
                    sum = sums.toArray()[0];
                    each = head.losses(hidden, targets).clone();
                } else {
                    Tensor logits = head.logits(hidden);
                    Tensor loss = device.allocate(rows);
                    Ints labels = device.allocateInts(rows);
                    labels.upload(targets);
                    device.crossEntropy(logits, labels, 1, 0, true, 0.5f, loss);
                    device.matmul(logits, false, embedding, false, 1, 0, dHidden);
                    device.matmul(logits, true, hidden, false, 1, 0, gradient);
                    each = loss.toArray();
                    sum = IntStream.range(0, rows)
                            .mapToDouble(i -> loss.toArray()[i])
                            .sum();
                }
                losses.add(IntStream.range(0, rows).mapToDouble(i -> each[i]).toArray());
                losses.add(new double[] {sum});
                results.addAll(List.of(dHidden, gradient));
            }
            for (int i = 0; i < rows; i++) {
                assertThat(losses.get(0)[i]).as("loss of row %d", i).isCloseTo(losses.get(2)[i], within(1e-4));
            }
            assertThat(losses.get(1)[0]).as("sum").isCloseTo(losses.get(3)[0], within(1e-2));
            assertClose(results.get(0), results.get(2), "gradient of the states");
            assertClose(results.get(1), results.get(3), "gradient of the embedding");
        }
    }

    /** To rounding, because rows of a slice lie otherwise in the blocks of products. */
    @Test
    void thePositionVectorsSlices() {
        int length = 307;
        try (Device device = new CpuDevice(2)) {
            ModelSpec spec = spec(Encoding.SEQPE);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            int[] positions = IntStream.range(0, length).toArray();
            Tensor whole =
                    new PositionEncoder(spec, parameters, device, new RandomKeys(), false).forward(positions, length);
            for (boolean keep : new boolean[] {false, true}) {
                EvaluationVectors vectors = new EvaluationVectors(
                        spec, device, new PositionEncoder(spec, parameters, device, new RandomKeys(), false), 100);
                vectors.keep(keep);
                assertClose(vectors.first(new Grid(length), new Grid(length)), whole, "all");
                assertClose(
                        vectors.first(new Grid(250), new Grid(length)), whole.firstRows(250), "a shorter last window");
            }
        }
    }

    @Test
    void tablesOfRows() {
        int[] positions = IntStream.range(0, FAR).map(i -> FAR - 1 - i).toArray();
        try (Device device = new CpuDevice(1)) {
            ModelSpec spec = spec(Encoding.SINUSOIDAL);
            PositionEncoding sinusoidal = Sinusoidal.FACTORY.create(spec, null, device, false);
            sinusoidal.begin(new PositionEncoding.Pass(positions, 1, 0, new Grid(FAR), new Grid(FAR), null, null));
            assertThat(sinusoidal.inputRows().toArray())
                    .isEqualTo(SinusoidalTable.rows(
                            positions, WIDTH, spec.position().base()));

            spec = spec(Encoding.LEARNED);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            PositionEncoding learned = Learned.FACTORY.create(spec, parameters, device, false);
            learned.begin(new PositionEncoding.Pass(positions, 1, 0, new Grid(FAR), new Grid(FAR), null, null));
            float[] stretched = Interpolation.LINEAR.resize(
                    parameters.weight("transformer.wpe.weight").value().toArray(), ModelFixtures.LENGTH, WIDTH, FAR);
            float[] expected = new float[FAR * WIDTH];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = stretched[positions[i / WIDTH] * WIDTH + i % WIDTH];
            }
            assertThat(learned.inputRows().toArray()).isEqualTo(expected);
        }
    }

    /** An array draws its values one after the other from its own stream, however many are drawn at a time. */
    @Test
    void initialValuesOfALongArray() {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        builder.add("short", ParameterLayout.Part.MODEL, ParameterLayout.Decay.NEVER, InitialValues.constant(1), 5);
        builder.add(
                "long",
                ParameterLayout.Part.MODEL,
                ParameterLayout.Decay.ALWAYS,
                InitialValues.normal(0.1),
                3 * 65536 + 7);
        try (Device device = new CpuDevice(1)) {
            Parameters parameters = Parameters.allocate(builder.build(), device);
            parameters.initialize(11);
            RandomStream random = RandomStream.of(11, "long".hashCode());
            float[] expected = new float[3 * 65536 + 7];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = (float) (0.1 * random.nextGaussian());
            }
            assertThat(parameters.weight("long").value().toArray()).isEqualTo(expected);
            assertThat(parameters.weight("short").value().toArray()).containsOnly(1);
        }
    }

    /** A buffer grows to what is asked for, or by a quarter, and keeps what is in it while it does not grow. */
    @Test
    void rowsOfABufferThatGrows() {
        try (Device device = new CpuDevice(1)) {
            RowBuffer buffer = new RowBuffer(device, 3);
            for (int rows : new int[] {1, 8, 9, 10, 11, 100}) {
                Tensor all = buffer.rows(rows);
                float[] values = values(rows * 3, rows);
                all.upload(values);
                for (int fewer = 0; fewer <= rows; fewer++) {
                    assertThat(buffer.rows(fewer).toArray())
                            .as("%d of %d rows", fewer, rows)
                            .isEqualTo(Arrays.copyOf(values, fewer * 3));
                }
                assertThat(buffer.rows(rows)).isSameAs(all);
            }
        }
    }
}

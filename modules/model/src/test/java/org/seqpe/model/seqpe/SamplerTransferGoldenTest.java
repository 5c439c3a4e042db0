package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.Grid;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.position.Agreement;

/** Shifted windows and compared offsets against the reference's transfer sampler. */
class SamplerTransferGoldenTest {
    private static final int MOST_DRAWS = 40_000;

    private record Draw(List<Integer> start, int[] offsets, int[] positions) {}

    @ParameterizedTest(name = "{0}")
    @GoldenSource("sampler_transfer")
    void startsAndOffsetsAreDistributedAsTheReferences(GoldenCase golden) {
        JsonNode config = golden.config();
        int dimensions = Integer.parseInt(golden.choice("data_dim", "1", "2"));
        PositionDigits layout = PositionDigits.below(config.get("max_position").asInt(), dimensions, 0);
        JsonNode shape = config.get("data_shape");
        Grid window = shape.isArray() && dimensions == 2
                ? new Grid(shape.get(0).asInt(), shape.get(1).asInt())
                : new Grid(shape.isArray() ? shape.get(0).asInt() * shape.get(1).asInt() : shape.asInt());
        int compared = config.get("transfer_num").asInt();
        int windows = config.get("batch_size").asInt();
        // The manifest names the implementation a case ran, in the config or by its file.
        boolean image = config.has("variant")
                ? golden.choice("variant", "text", "image").equals("image")
                : golden.producedBy().startsWith("image");

        TransferSampler sampler = new TransferSampler(
                layout,
                window,
                new ObjectiveConfig.Transfer(0.1, windows, compared, 1, ObjectiveConfig.Transfer.Metric.KL, 1, true),
                image ? ReferenceVariant.IMAGE : ReferenceVariant.TEXT,
                config.get("seed").asLong(),
                0);
        Draw[] theirs = draws(
                golden.ints("out/start_points"),
                golden.ints("out/pivot_indices"),
                golden.ints("out/positions"),
                compared,
                dimensions);
        Set<List<Integer>> pass = new LinkedHashSet<>();
        Draw[] ours = new Draw[0];
        TransferBatch batch = new TransferBatch(windows, compared, dimensions);
        boolean passEnded = false;
        for (int step = 0; ours.length < MOST_DRAWS && !(passEnded && ours.length > 4 * theirs.length); step++) {
            sampler.draw(step, batch);
            Draw[] drawn = draws(batch.starts(), batch.offsets(), batch.positions(), compared, dimensions);
            for (Draw draw : drawn) {
                passEnded |= !passEnded && !pass.add(draw.start);
            }
            int before = ours.length;
            ours = Arrays.copyOf(ours, before + drawn.length);
            System.arraycopy(drawn, 0, ours, before, drawn.length);
        }

        for (Draw draw : ours) {
            checkExactly(draw, window);
        }
        for (Draw draw : theirs) {
            checkExactly(draw, window);
        }
        if (passEnded) {
            checkPass(golden, pass, dimensions);
        }
        for (int axis = 0; axis < dimensions; axis++) {
            int a = axis;
            Agreement.sameDistribution(
                    Arrays.stream(ours).mapToDouble(draw -> draw.start.get(a)).toArray(),
                    Arrays.stream(theirs).mapToDouble(draw -> draw.start.get(a)).toArray(),
                    "starts, coordinate " + a);
        }
        for (int place : new int[] {0, compared / 2, compared - 1}) {
            Agreement.sameDistribution(
                    Arrays.stream(ours).mapToDouble(draw -> draw.offsets[place]).toArray(),
                    Arrays.stream(theirs)
                            .mapToDouble(draw -> draw.offsets[place])
                            .toArray(),
                    "offset " + place);
        }
        Map<Integer, Long> ourOffsets = new HashMap<>();
        Arrays.stream(ours)
                .flatMapToInt(draw -> Arrays.stream(draw.offsets))
                .forEach(offset -> ourOffsets.merge(offset, 1L, Long::sum));
        long[] histogram = golden.longs("out/pivot_hist");
        Map<Integer, Long> theirOffsets = new HashMap<>();
        IntStream.range(0, histogram.length).forEach(offset -> theirOffsets.put(offset, histogram[offset]));
        Agreement.sameFrequencies(ourOffsets, theirOffsets, k -> "", "offsets");
    }

    /**
     * A pass of ours visits the starts of an epoch of the reference: as many, over the same range. The stored histogram
     * of the first coordinate is that of one epoch, every start a whole number of times and a few random ones more.
     */
    private static void checkPass(GoldenCase golden, Set<List<Integer>> pass, int dimensions) {
        JsonNode checks = golden.checks();
        if (!checks.has("n_distinct_starts")) {
            return;
        }
        assertThat(pass).hasSize(checks.get("n_distinct_starts").asInt());
        for (int axis = 0; axis < dimensions; axis++) {
            int a = axis;
            assertThat(pass.stream().mapToInt(start -> start.get(a)).min())
                    .hasValue(checks.get("start_min").get(axis).asInt());
            assertThat(pass.stream().mapToInt(start -> start.get(a)).max())
                    .hasValue(checks.get("start_max").get(axis).asInt());
        }
        double[] edges = golden.doubles("out/start_hist_edges");
        long[] theirs = golden.longs("out/start_hist");
        long[] ours = new long[theirs.length];
        for (List<Integer> start : pass) {
            int bin = 0;
            while (bin < ours.length - 1 && start.get(0) >= edges[bin + 1]) {
                bin++;
            }
            ours[bin]++;
        }
        long replicas = checks.get("n_rows").asLong() / pass.size();
        for (int bin = 0; bin < ours.length; bin++) {
            assertThat(theirs[bin])
                    .as("histogram of starts, bin %d", bin)
                    .isBetween(
                            replicas * ours[bin],
                            replicas * ours[bin] + checks.get("n_rows").asLong() % pass.size());
        }
    }

    private static void checkExactly(Draw draw, Grid window) {
        Set<Integer> distinct = new HashSet<>();
        int[] start = draw.start.stream().mapToInt(Integer::intValue).toArray();
        int[] expected = new int[draw.positions.length];
        for (int k = 0; k < draw.offsets.length; k++) {
            int offset = draw.offsets[k];
            distinct.add(offset);
            if (start.length == 1) {
                expected[k] = start[0] + offset;
            } else {
                expected[2 * k] = start[0] + offset / window.extent()[1];
                expected[2 * k + 1] = start[1] + offset % window.extent()[1];
            }
        }
        assertThat(distinct).hasSize(draw.offsets.length).allMatch(offset -> offset >= 0 && offset < window.size());
        assertThat(draw.positions).isEqualTo(expected);
    }

    private static Draw[] draws(int[] starts, int[] offsets, int[] positions, int compared, int dimensions) {
        Draw[] draws = new Draw[offsets.length / compared];
        for (int i = 0; i < draws.length; i++) {
            draws[i] = new Draw(
                    Arrays.stream(starts, i * dimensions, (i + 1) * dimensions)
                            .boxed()
                            .toList(),
                    Arrays.copyOfRange(offsets, i * compared, (i + 1) * compared),
                    Arrays.copyOfRange(positions, i * compared * dimensions, (i + 1) * compared * dimensions));
        }
        return draws;
    }
}

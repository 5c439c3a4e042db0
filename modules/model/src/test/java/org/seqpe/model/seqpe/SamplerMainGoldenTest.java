package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.Grid;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.position.Agreement;

/**
 * The main task's windows against the reference's: the same rule for pool and pointer, exactly; shares and places as
 * distributions.
 */
class SamplerMainGoldenTest {
    private static final int STEPS = 20_000;
    private static final int POOLS = 20;
    private static final int FIRST_ENTRIES = 32;

    private GoldenCase golden;
    private PositionDigits layout;
    private Grid window;
    private ObjectiveConfig.Shift shift;
    private long seed;

    private void read(GoldenCase newGolden) {
        golden = newGolden;
        JsonNode config = golden.config();
        int dimensions = Integer.parseInt(golden.choice("data_dim", "1", "2"));
        layout = PositionDigits.below(config.get("max_position").asInt(), dimensions, 0);
        JsonNode shape = config.get("data_shape");
        window = shape.isArray() ? new Grid(shape.get(0).asInt(), shape.get(1).asInt()) : new Grid(shape.asInt());
        shift = new ObjectiveConfig.Shift(
                config.get("random_shift_rate").asDouble(),
                config.get("batch_size").asInt(),
                config.get("random_shift_downsample").asInt());
        seed = config.get("seed").asLong();
    }

    private MainSampler sampler(long samplerSeed) {
        return new MainSampler(layout, window, shift, samplerSeed, 0);
    }

    /** Pool starts are distinct, in range and, over several seeds, spread as the reference's. */
    @ParameterizedTest(name = "{0}")
    @GoldenSource("sampler_main")
    void poolsHoldUniformStarts(GoldenCase newGolden) {
        read(newGolden);
        int dimensions = window.dimensions();
        int[] theirs = golden.ints("out/window_pool");
        List<double[]> ours = new ArrayList<>();
        for (int i = 0; i < POOLS; i++) {
            List<List<Integer>> pool = pool(sampler(seed + i));
            assertThat(pool).doesNotHaveDuplicates().hasSize(theirs.length / dimensions);
            pool.forEach(start -> {
                for (int axis = 0; axis < dimensions; axis++) {
                    assertThat(start.get(axis)).isBetween(0, layout.limit() - window.extent()[axis]);
                }
                ours.add(start.stream().mapToDouble(Integer::doubleValue).toArray());
            });
        }
        for (int axis = 0; axis < dimensions; axis++) {
            int a = axis;
            if (window.extent()[a] == window.extent()[0]) {
                Agreement.sameDistribution(
                        ours.stream().mapToDouble(start -> start[a]).toArray(),
                        IntStream.range(0, theirs.length / dimensions)
                                .mapToDouble(i -> theirs[i * dimensions + a])
                                .toArray(),
                        "pool, coordinate " + a);
            }
        }
    }

    /**
     * Our steps and the reference's calls take their windows from the pool by the same rule, and are shifted as often
     * as configured.
     */
    @ParameterizedTest(name = "{0}")
    @GoldenSource("sampler_main")
    void runsOfThePoolAreTakenInTurn(GoldenCase newGolden) {
        read(newGolden);
        int dimensions = window.dimensions();
        int groups = shift.groups();

        MainSampler sampler = sampler(seed);
        List<List<Integer>> ourPool = pool(sampler);
        MainWindows windows = new MainWindows(groups, window);
        List<List<List<Integer>>> ourRuns = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            sampler.draw(step, windows);
            assertThat(windows.count()).isEqualTo(windows.shifted() ? groups : 1);
            List<List<Integer>> starts = new ArrayList<>();
            for (int group = 0; group < windows.count(); group++) {
                starts.add(start(windows.positions(), group * window.size(), dimensions));
            }
            if (windows.shifted()) {
                ourRuns.add(starts);
            } else {
                assertThat(starts.get(0)).containsOnly(0);
            }
            if (step % 500 == 0) {
                checkWholeWindows(windows, dimensions);
            }
        }
        Agreement.share(ourRuns.size(), STEPS, shift.rate(), "shifted steps");

        List<List<Integer>> theirPool = starts(golden.ints("out/window_pool"), dimensions);
        int[] shifted = golden.ints("out/is_shifted");
        List<List<Integer>> all = starts(golden.ints("out/starts"), dimensions);
        List<List<List<Integer>>> theirRuns = new ArrayList<>();
        for (int call = 0; call < shifted.length; call++) {
            if (shifted[call] == 1) {
                theirRuns.add(all.subList(call * groups, (call + 1) * groups));
            }
        }
        Agreement.share(theirRuns.size(), shifted.length, shift.rate(), "the reference's shifted calls");

        Map<Integer, Long> ourBeginnings = beginnings(ourPool, ourRuns);
        Map<Integer, Long> theirBeginnings = beginnings(theirPool, theirRuns);
        Agreement.sameFrequencies(ourBeginnings, theirBeginnings, k -> "", "where the pointer begins anew");
        if (ourPool.size() - groups >= FIRST_ENTRIES) {
            Map<Integer, Long> quarters = new TreeMap<>();
            ourBeginnings.forEach((entry, count) -> quarters.merge(entry / (FIRST_ENTRIES / 4), count, Long::sum));
            Agreement.sameFrequencies(
                    quarters,
                    Map.of(0, 1_000L, 1, 1_000L, 2, 1_000L, 3, 1_000L),
                    k -> "",
                    "the pointer begins at one of the first entries");
        }
    }

    /**
     * Follows the pointer through runs of pool entries, checks that each is where the rule has it, and counts where
     * passes begin. The first run is where the first pass begins.
     */
    private Map<Integer, Long> beginnings(List<List<Integer>> pool, List<List<List<Integer>>> runs) {
        Map<Integer, Long> beginnings = new TreeMap<>();
        int pointer = Integer.MAX_VALUE;
        for (List<List<Integer>> run : runs) {
            int first = pool.indexOf(run.get(0));
            assertThat(run).isEqualTo(pool.subList(first, first + shift.groups()));
            if (pointer >= pool.size()) {
                assertThat(first).isLessThan(FIRST_ENTRIES);
                beginnings.merge(first, 1L, Long::sum);
                pointer = first;
            } else {
                assertThat(first).isEqualTo(Math.min(pointer, pool.size() - shift.groups()));
            }
            pointer += shift.groups();
        }
        return beginnings;
    }

    private void checkWholeWindows(MainWindows windows, int dimensions) {
        for (int group = 0; group < windows.count(); group++) {
            List<Integer> start = start(windows.positions(), group * window.size(), dimensions);
            Set<List<Integer>> cells = new HashSet<>();
            for (int t = 0; t < window.size(); t++) {
                List<Integer> position = start(windows.positions(), group * window.size() + t, dimensions);
                cells.add(position);
                int row = position.get(0) - start.get(0);
                assertThat(dimensions == 1 ? row : row * window.extent()[1] + position.get(1) - start.get(1))
                        .isEqualTo(t);
                assertThat(position).allMatch(coordinate -> coordinate >= 0 && coordinate < layout.limit());
            }
            assertThat(cells).hasSize(window.size());
        }
    }

    private static List<List<Integer>> pool(MainSampler sampler) {
        List<List<Integer>> pool = new ArrayList<>();
        int[] start = new int[sampler.dimensions()];
        for (int entry = 0; entry < sampler.poolSize(); entry++) {
            sampler.poolStart(entry, start);
            pool.add(Arrays.stream(start).boxed().toList());
        }
        return pool;
    }

    private static List<List<Integer>> starts(int[] coordinates, int dimensions) {
        List<List<Integer>> starts = new ArrayList<>();
        for (int i = 0; i < coordinates.length / dimensions; i++) {
            starts.add(start(coordinates, i, dimensions));
        }
        return starts;
    }

    private static List<Integer> start(int[] coordinates, int i, int dimensions) {
        return Arrays.stream(coordinates, i * dimensions, (i + 1) * dimensions)
                .boxed()
                .toList();
    }
}

package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.position.Agreement;

/**
 * The distribution of edited positions, pivot by pivot, against the reference's generate_hard_negatives with threshold
 * 0.
 */
class SamplerHardNegativesGoldenTest {
    /** So many more draws than the reference's that our own noise matters little. */
    private static final int MORE = 20;

    @ParameterizedTest(name = "{0}")
    @GoldenSource("sampler_hard_negatives")
    void editsAreDistributedAsTheReferences(GoldenCase golden) {
        JsonNode config = golden.config();
        int dimensions = Integer.parseInt(golden.choice("data_dim", "1", "2"));
        PositionDigits layout = new PositionDigits(
                config.get("max_digits").asInt(),
                dimensions,
                config.get("max_position_per_dim").asInt());
        int n = config.get("n").asInt();
        RandomStream random = new RandomStream(config.get("seed").asLong());
        HardNegatives negatives = new HardNegatives(layout, true);
        for (int k = 0; golden.has("out/values_" + k); k++) {
            JsonNode node = config.get("pivots").get(k);
            int[] pivot = dimensions == 1
                    ? new int[] {node.asInt()}
                    : new int[] {node.get(0).asInt(), node.get(1).asInt()};
            int[] drawn = new int[MORE * n * dimensions];
            int kept = negatives.draw(random, pivot, 0, MORE * n, 0, drawn);

            Map<Long, Long> ours = new HashMap<>();
            for (int i = 0; i < kept; i++) {
                ours.merge(key(drawn, i, dimensions), 1L, Long::sum);
            }
            int[] values = golden.ints("out/values_" + k);
            long[] counts = golden.longs("out/counts_" + k);
            Map<Long, Long> theirs = new TreeMap<>();
            long theirKept = 0;
            for (int i = 0; i < counts.length; i++) {
                theirs.merge(key(values, i, dimensions), counts[i], Long::sum);
                theirKept += counts[i];
            }
            String what = "edits of " + node;
            checkUnseen(ours, theirs, what);
            Agreement.sameFrequencies(ours, theirs, SamplerHardNegativesGoldenTest::shape, what);
            Agreement.sameFrequencies(
                    Map.of("kept", (long) kept, "dropped", MORE * (long) n - kept),
                    Map.of("kept", theirKept, "dropped", n - theirKept),
                    name -> name,
                    what + " kept");
        }
    }

    /**
     * The reference draws values that we never drew as rarely as chance has it: the probability of all values we have
     * not seen is close to the share of those we have seen once (Good and Turing), and six deviations of a Poisson
     * number above that are beyond 1e-6.
     */
    private static void checkUnseen(Map<Long, Long> ours, Map<Long, Long> theirs, String what) {
        double once = ours.values().stream().filter(count -> count == 1).count();
        double expected = once
                * theirs.values().stream().mapToLong(Long::longValue).sum()
                / ours.values().stream().mapToLong(Long::longValue).sum();
        long unseen = theirs.entrySet().stream()
                .filter(entry -> !ours.containsKey(entry.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        assertThat((double) unseen)
                .as("%s: draws of the reference that ours never gave", what)
                .isLessThan(expected + 6 * Math.sqrt(expected) + 6);
    }

    private static long key(int[] positions, int i, int dimensions) {
        return dimensions == 1 ? positions[i] : (long) positions[2 * i] << Integer.SIZE | positions[2 * i + 1];
    }

    /** Rare values are pooled by how many digits row and column have. */
    private static String shape(long key) {
        return Long.toString(key >>> Integer.SIZE).length() + "+"
                + Long.toString((int) key).length();
    }
}

package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.position.Agreement;
import org.seqpe.model.seqpe.ContrastiveBatch.Kind;

/**
 * Pivots, candidates and labels against the reference's contrastive sampler. What must hold for every draw is checked
 * exactly, on our draws and on the stored ones; the rest is compared as distributions, each of one number a pivot,
 * because the candidates of one pivot depend on each other.
 */
class SamplerContrastiveGoldenTest {
    private static final int OUR_PIVOTS = 10_000;
    private static final int PIVOTS_A_STEP = 50;

    /** One pivot with its candidates; kind and specials as the golden arrays store them. */
    private record Draw(int[] pivot, int[] candidates, int label, Kind kind, int special) {
        int coordinate(int candidate, int axis) {
            return candidates[candidate * pivot.length + axis];
        }

        int count() {
            return candidates.length / pivot.length;
        }

        float squaredDistance(int candidate) {
            float sum = 0;
            for (int axis = 0; axis < pivot.length; axis++) {
                float difference = (float) coordinate(candidate, axis) - pivot[axis];
                sum += difference * difference;
            }
            return sum;
        }

        List<Integer> position(int candidate) {
            return pivot.length == 1
                    ? List.of(candidates[candidate])
                    : List.of(candidates[2 * candidate], candidates[2 * candidate + 1]);
        }
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("sampler_contrastive")
    void candidatesAndLabelsAreDistributedAsTheReferences(GoldenCase golden) {
        ObjectiveConfig.Contrastive contrastive = contrastive(golden);
        List<Draw> ours = ourDraws(golden, contrastive);
        List<Draw> theirs = theirDraws(golden);
        int limit = golden.config().get("max_position_per_dim").asInt();
        int greatest = PositionDigits.of(golden.config().get("max_digits").asInt(), ours.get(0).pivot.length)
                .limit();
        ours.forEach(draw -> checkExactly(draw, limit, greatest));
        theirs.forEach(draw -> checkExactly(draw, limit, greatest));
        checkPivots(ours, limit);

        Map<Kind, Double> shares = Map.of(
                Kind.UNIFORM,
                contrastive.uniformShare(),
                Kind.HARD,
                contrastive.hardShare(),
                Kind.WINDOW,
                1 - contrastive.uniformShare() - contrastive.hardShare());
        shares.forEach((kind, share) -> Agreement.share(
                ours.stream().filter(draw -> draw.kind == kind).count(), ours.size(), share, "share of " + kind));
        Agreement.sameFrequencies(
                count(ours, draw -> draw.kind.ordinal()), count(theirs, draw -> draw.kind.ordinal()), k -> "", "kinds");

        for (Kind kind : Kind.values()) {
            List<Draw> ourKind = ours.stream().filter(draw -> draw.kind == kind).toList();
            List<Draw> theirKind =
                    theirs.stream().filter(draw -> draw.kind == kind).toList();
            Agreement.sameFrequencies(
                    count(ourKind, Draw::special),
                    count(theirKind, Draw::special),
                    k -> "",
                    kind + ": special candidates");
            Agreement.sameFrequencies(
                    count(ourKind, Draw::label), count(theirKind, Draw::label), k -> "", kind + ": labels");
            compare(ourKind, theirKind, draw -> draw.squaredDistance(draw.label), kind + ": distance of the label");
            compare(ourKind, theirKind, draw -> draw.squaredDistance(0), kind + ": distance of the first candidate");
            compare(
                    ourKind,
                    theirKind,
                    draw -> draw.squaredDistance(draw.count() - 1),
                    kind + ": distance of the last candidate");
            for (int axis = 0; axis < ours.get(0).pivot.length; axis++) {
                int a = axis;
                String where = kind + ", coordinate " + axis + ": ";
                compare(ourKind, theirKind, draw -> draw.pivot[a], where + "pivot");
                compare(ourKind, theirKind, draw -> draw.coordinate(0, a), where + "first candidate");
                compare(ourKind, theirKind, draw -> draw.coordinate(draw.count() / 2, a), where + "middle candidate");
                compare(ourKind, theirKind, draw -> extreme(draw, a, 1), where + "largest");
                compare(ourKind, theirKind, draw -> -extreme(draw, a, -1), where + "smallest");
                compare(ourKind, theirKind, draw -> extreme(draw, a, 1) + extreme(draw, a, -1), where + "span");
            }
        }
    }

    private static void compare(List<Draw> ours, List<Draw> theirs, ToDoubleFunction<Draw> number, String what) {
        Agreement.sameDistribution(
                ours.stream().mapToDouble(number).toArray(),
                theirs.stream().mapToDouble(number).toArray(),
                what);
    }

    private static Map<Integer, Long> count(List<Draw> draws, ToDoubleFunction<Draw> number) {
        Map<Integer, Long> counts = new HashMap<>();
        draws.forEach(draw -> counts.merge((int) number.applyAsDouble(draw), 1L, Long::sum));
        return counts;
    }

    private static double extreme(Draw draw, int axis, int sign) {
        double extreme = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < draw.count(); i++) {
            extreme = Math.max(extreme, sign * draw.coordinate(i, axis));
        }
        return extreme;
    }

    /**
     * Distinct candidates, none the pivot, all in range, and the label the first of the nearest. Only hard negatives of
     * grids may pass the limit, up to what G digits can write.
     */
    private static void checkExactly(Draw draw, int limit, int greatest) {
        int bound = draw.kind == Kind.HARD && draw.pivot.length > 1 ? greatest : limit;
        Set<List<Integer>> positions = new HashSet<>();
        positions.add(Arrays.stream(draw.pivot).boxed().toList());
        int nearest = 0;
        boolean inRange = true;
        for (int i = 0; i < draw.count(); i++) {
            positions.add(draw.position(i));
            nearest = draw.squaredDistance(i) < draw.squaredDistance(nearest) ? i : nearest;
        }
        for (int coordinate : draw.candidates) {
            inRange &= coordinate >= 0 && coordinate < bound;
        }
        assertThat(positions).as("pivot and candidates are distinct").hasSize(draw.count() + 1);
        assertThat(inRange).as("candidates are below %d", bound).isTrue();
        assertThat(draw.label).as("label").isEqualTo(nearest);
    }

    /** Every pass through the positions visits each once. */
    private static void checkPivots(List<Draw> ours, int limit) {
        Map<List<Integer>, Integer> visits = new HashMap<>();
        ours.forEach(draw -> visits.merge(Arrays.stream(draw.pivot).boxed().toList(), 1, Integer::sum));
        int positions = (int) Math.pow(limit, ours.get(0).pivot.length);
        assertThat(visits.values())
                .allMatch(count -> count == ours.size() / positions || count == ours.size() / positions + 1);
    }

    private static ObjectiveConfig.Contrastive contrastive(GoldenCase golden) {
        JsonNode config = golden.config();
        JsonNode ratio = config.get("method_ratio");
        double uniform = ratio.isArray() ? ratio.get(0).asDouble() : 0;
        double hard = ratio.isArray() ? ratio.get(1).asDouble() - uniform : ratio.asDouble();
        return new ObjectiveConfig.Contrastive(
                0.1,
                PIVOTS_A_STEP,
                config.get("contrastive_num").asInt(),
                config.get("dist_sample_range").asInt(),
                config.get("hard_neg_ratio").asDouble(),
                uniform,
                hard);
    }

    private static List<Draw> ourDraws(GoldenCase golden, ObjectiveConfig.Contrastive contrastive) {
        JsonNode config = golden.config();
        int dimensions = Integer.parseInt(golden.choice("data_dim", "1", "2"));
        PositionDigits layout = new PositionDigits(
                config.get("max_digits").asInt(),
                dimensions,
                config.get("max_position_per_dim").asInt());
        ReferenceVariant variant = golden.choice("variant", "text", "image").equals("text")
                ? ReferenceVariant.TEXT
                : ReferenceVariant.IMAGE;
        ContrastiveSampler sampler = new ContrastiveSampler(
                layout, contrastive, variant, true, config.get("seed").asLong(), 0);
        ContrastiveBatch batch = new ContrastiveBatch(PIVOTS_A_STEP, contrastive.candidates(), dimensions);
        List<Draw> draws = new ArrayList<>();
        for (int step = 0; step < OUR_PIVOTS / PIVOTS_A_STEP; step++) {
            sampler.draw(step, batch);
            for (int i = 0; i < PIVOTS_A_STEP; i++) {
                draws.add(draw(
                        batch.pivots(),
                        batch.candidates(),
                        batch.labels(),
                        i,
                        dimensions,
                        batch.kinds[i],
                        batch.special[i]));
            }
        }
        return draws;
    }

    private static List<Draw> theirDraws(GoldenCase golden) {
        int dimensions = golden.config().get("data_dim").asInt();
        int[] pivots = golden.ints("out/pivots");
        int[] candidates = golden.ints("out/negatives");
        int[] labels = golden.ints("out/labels");
        int[] kinds = golden.ints("out/kind");
        int[] special = golden.ints("out/n_special");
        List<Draw> draws = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            draws.add(draw(pivots, candidates, labels, i, dimensions, Kind.values()[kinds[i]], special[i]));
        }
        return draws;
    }

    private static Draw draw(
            int[] pivots, int[] candidates, int[] labels, int i, int dimensions, Kind kind, int special) {
        int width = candidates.length / labels.length;
        return new Draw(
                Arrays.copyOfRange(pivots, i * dimensions, (i + 1) * dimensions),
                Arrays.copyOfRange(candidates, i * width, (i + 1) * width),
                labels[i],
                kind,
                special);
    }
}

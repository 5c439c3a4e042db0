package org.seqpe.data.qa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.shard.TokenType;

/** The order of examples: windows, epochs and steps, on a split of real shards. */
class AnswerPlanTest {
    /** Three windows of 64 micro-batches of 3, a shorter one, and 2 examples that fill no micro-batch. */
    private static final int USABLE = 3 * (3 * AnswerPlan.WINDOW + 17) + 2;

    private static final int TOO_LONG = 5;
    private static final int LENGTH = 100;

    @TempDir
    private Path folder;

    private AnswerSplit split;

    @BeforeEach
    void write() {
        RandomStream random = new RandomStream(3);
        List<AnswerShardInfo> shards = new ArrayList<>();
        AnswerCounts counts = AnswerCounts.ZERO;
        int written = 0;
        // The second shard is empty.
        for (int size : new int[] {200, 0, USABLE + TOO_LONG - 200}) {
            String name = "train-0000" + shards.size();
            try (AnswerShardWriter writer =
                    new AnswerShardWriter(folder.resolve(name).toString(), TokenType.UINT16)) {
                for (int i = 0; i < size; i++) {
                    boolean isLong = written % 50 == 0 && written / 50 < TOO_LONG;
                    int answer = 1 + random.nextInt(4);
                    int prompt = isLong ? LENGTH - answer + 1 : 1 + random.nextInt(LENGTH - answer);
                    writer.add(
                            new int[prompt],
                            new int[answer],
                            new AnswerLine(written++, List.of("x"), written % 2 == 0 ? null : 64, 0.5));
                }
                AnswerShardInfo info = writer.finish(name);
                shards.add(info);
                counts = counts.plus(info.counts());
            }
        }
        split = new AnswerSplit(
                folder.toString(),
                "train",
                new AnswerManifest.Split(counts, new TreeMap<>(), new TreeMap<>(), shards),
                TokenType.UINT16);
    }

    @AfterEach
    void close() {
        split.close();
    }

    private AnswerPlan plan(int replicas, int accumulation, int batch, long seed) {
        return new AnswerPlan(split, LENGTH, replicas, accumulation, batch, seed);
    }

    /** Micro-batches in their global order. */
    private static List<long[]> microBatches(AnswerPlan plan, int count, int batch) {
        List<long[]> all = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            all.add(plan.micro(i * batch, 0, 0));
        }
        return all;
    }

    private static List<List<Long>> lists(List<long[]> batches) {
        return batches.stream()
                .map(batch -> Arrays.stream(batch).boxed().toList())
                .toList();
    }

    @Test
    void examplesThatDoNotFitAreLeftOut() {
        AnswerPlan plan = plan(1, 1, 3, 1);
        assertThat(plan.usable()).isEqualTo(USABLE);
        assertThat(plan.leftOut()).isEqualTo(TOO_LONG);
        microBatches(plan, 400, 3).forEach(batch -> Arrays.stream(batch)
                .forEach(example -> assertThat(split.tokens(example)).isLessThanOrEqualTo(LENGTH)));
    }

    @Test
    void anEpochHasEachExampleOnceButForTheRest() {
        int perEpoch = USABLE / 3;
        List<long[]> batches = microBatches(plan(1, 1, 3, 1), 3 * perEpoch, 3);
        Set<Set<Long>> leftOut = new HashSet<>();
        for (int epoch = 0; epoch < 3; epoch++) {
            Set<Long> seen = new HashSet<>();
            for (long[] batch : batches.subList(epoch * perEpoch, (epoch + 1) * perEpoch)) {
                assertThat(batch).hasSize(3);
                Arrays.stream(batch).forEach(example -> assertThat(seen.add(example))
                        .as("once an epoch")
                        .isTrue());
            }
            Set<Long> rest = new HashSet<>();
            for (long i = 0; i < split.size(); i++) {
                if (split.tokens(i) <= LENGTH && !seen.contains(i)) {
                    rest.add(i);
                }
            }
            assertThat(rest).hasSize(2);
            leftOut.add(rest);
        }
        assertThat(leftOut).as("others in each epoch").hasSize(3);
        assertThat(lists(batches.subList(0, perEpoch))).isNotEqualTo(lists(batches.subList(perEpoch, 2 * perEpoch)));
    }

    @Test
    void aMicroBatchHoldsLikeLengths() {
        List<long[]> batches = microBatches(plan(1, 1, 3, 1), 3 * AnswerPlan.WINDOW, 3);
        long widest = 0;
        long rising = 0;
        for (int i = 0; i < batches.size(); i++) {
            int[] tokens = Arrays.stream(batches.get(i)).mapToInt(split::tokens).toArray();
            widest = Math.max(
                    widest,
                    Arrays.stream(tokens).max().getAsInt()
                            - Arrays.stream(tokens).min().getAsInt());
            rising += i > 0 && split.tokens(batches.get(i - 1)[0]) <= tokens[0] ? 1 : 0;
        }
        // 192 lengths of 1 to 100 in order are about half a token apart.
        assertThat(widest).isLessThan(15);
        assertThat(rising).as("micro-batches are shuffled").isBetween(60L, 130L);
    }

    /** A window's examples are those of its places of the order, whatever was read before. */
    @Test
    void anyPlaceCanBeComputedDirectly() {
        int count = 2 * (USABLE / 3) + 100;
        List<List<Long>> inOrder = lists(microBatches(plan(1, 1, 3, 1), count, 3));
        AnswerPlan other = plan(1, 1, 3, 1);
        for (int i = count - 1; i >= 0; i -= 7) {
            assertThat(other.micro(3L * i, 0, 0))
                    .containsExactly(
                            inOrder.get(i).stream().mapToLong(Long::longValue).toArray());
        }
        assertThat(lists(microBatches(plan(1, 1, 3, 2), 50, 3))).isNotEqualTo(inOrder.subList(0, 50));
    }

    @Test
    void theRowOfMicroBatchesDoesNotDependOnReplicas() {
        int count = 2 * (USABLE / 3) + 60;
        List<List<Long>> one = lists(microBatches(plan(1, 1, 3, 1), count, 3));
        AnswerPlan many = plan(4, 5, 3, 1);
        assertThat(many.samplesPerStep()).isEqualTo(60);
        List<long[]> taken = new ArrayList<>();
        for (long position = 0; taken.size() < count; position += many.samplesPerStep()) {
            for (int replica = 0; replica < 4; replica++) {
                for (int micro = 0; micro < 5; micro++) {
                    taken.add(many.micro(position, replica, micro));
                }
            }
        }
        assertThat(lists(taken).subList(0, count)).isEqualTo(one);
    }

    @Test
    void fewerExamplesThanAStepAreRefused() {
        assertThatThrownBy(() -> plan(USABLE, 1, 2, 1))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        "expected at least " + 2 * USABLE + " examples of at most " + LENGTH + " tokens",
                        "found " + USABLE + "; " + TOO_LONG + " are longer",
                        "train.length");
        AnswerPlan most = plan(USABLE, 1, 1, 1);
        assertThat(most.micro(0, USABLE - 1, 0)).hasSize(1);
    }

    @Test
    void theSplitKnowsLengthsAndDepths() {
        assertThat(split.size()).isEqualTo(USABLE + TOO_LONG);
        AnswerExample example = split.example(250);
        assertThat(example.index()).isEqualTo(250);
        assertThat(split.length(250)).isEqualTo(example.length());
        assertThat(split.tokens(250)).isEqualTo(example.prompt().length + example.answer().length);
        assertThat(split.depth(250)).isEqualTo(0.5);
    }
}

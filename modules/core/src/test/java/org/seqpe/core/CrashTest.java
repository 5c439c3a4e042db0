package org.seqpe.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.core.WritingProcess.Sizes;
import org.seqpe.core.random.RandomStream;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;

/** Processes that die while they write to a run folder, and what they leave for the next one. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "SIGKILL and ulimit are POSIX")
@Timeout(1800)
class CrashTest {
    private static final int FOR_EVER = 1_000_000;

    @TempDir
    private Path folder;
    /** Hashes of rounds' values, by round and length. */
    private final Map<String, Integer> hashes = new HashMap<>();

    private RunFolder run() {
        return new RunFolder(folder.resolve("run").toString());
    }

    private Path said() {
        return folder.resolve("said");
    }

    private Process start(int last, Sizes sizes, int fileBlocks) throws IOException {
        return WritingProcess.start(
                folder.resolve("run"), last, sizes, fileBlocks, said(), folder.resolve("complained"));
    }

    private void finish(int last, Sizes sizes) throws IOException, InterruptedException {
        assertThat(start(last, sizes, 0).waitFor())
                .as(Files.readString(folder.resolve("complained")))
                .isZero();
        requireWhole(last, sizes);
        assertThat(names("checkpoints")).allMatch(name -> name.matches("step-\\d{8}|best\\.json"));
        assertThat(names("")).containsExactly("checkpoints", "metrics.jsonl", "tensorboard");
        assertThat(run().checkpoints().steps()).hasSizeBetween(2, 3).endsWith(last - 1L, (long) last);
        assertThat(rounds()).isEqualTo(IntStream.rangeClosed(1, last).boxed().toList());
    }

    private List<String> names(String child) {
        String[] names = folder.resolve("run").resolve(child).toFile().list();
        return names == null ? List.of() : Stream.of(names).sorted().toList();
    }

    private List<Integer> rounds() {
        return run().metrics().lines().stream()
                .map(line -> line.get("round"))
                .map(JsonNode::asInt)
                .toList();
    }

    /**
     * What the process said last of the round that it had saved or restored; 0 where it said nothing. A line that the
     * kill cut off does not count.
     */
    private int lastSaid() throws IOException {
        String text = Files.exists(said()) ? Files.readString(said()) : "";
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .reduce((a, b) -> b)
                .map(line -> Integer.parseInt(line.replace("from ", "")))
                .orElse(0);
    }

    /** Of the values that a round must have, by the rule alone. */
    private int hash(int round, int length) {
        String key = round + " " + length;
        if (!hashes.containsKey(key)) {
            float[] values = new float[length];
            for (int r = 1; r <= round; r++) {
                WritingProcess.advance(values, r);
                hashes.put(r + " " + length, Arrays.hashCode(values));
            }
        }
        return hashes.get(key);
    }

    private void requireContent(Checkpoints.Checkpoint checkpoint, Sizes sizes) {
        int round = Math.toIntExact(checkpoint.step());
        assertThat(checkpoint.state(WritingProcess.State.class))
                .isEqualTo(new WritingProcess.State(round, WritingProcess.loss(round)));
        assertThat(Arrays.hashCode(WritingProcess.read(checkpoint, Checkpoints.MODEL)))
                .isEqualTo(hash(round, sizes.model()));
        assertThat(Arrays.hashCode(WritingProcess.read(checkpoint, WritingProcess.MOMENTS)))
                .isEqualTo(hash(round, sizes.moments()));
    }

    /**
     * The last checkpoint is that of this round or, where the process died between saving and saying so, of the next.
     * Returns its round.
     */
    private int requireWhole(int saved, Sizes sizes) {
        Checkpoints checkpoints = run().checkpoints();
        Checkpoints.Checkpoint latest = checkpoints.latest().orElse(null);
        if (latest == null) {
            assertThat(saved).isZero();
            return 0;
        }
        requireContent(latest, sizes);
        int round = Math.toIntExact(latest.step());
        assertThat(round).isBetween(saved, saved + 1);
        checkpoints.best().ifPresent(best -> requireContent(best, sizes));
        double lowest = IntStream.rangeClosed(1, saved)
                .mapToDouble(WritingProcess::loss)
                .min()
                .orElse(1);
        assertThat(checkpoints.bestValidation().map(Checkpoints.Best::loss).orElse(1.0))
                .isLessThanOrEqualTo(lowest);
        List<Integer> rounds = rounds();
        assertThat(rounds)
                .isEqualTo(IntStream.rangeClosed(1, rounds.size()).boxed().toList())
                .hasSizeBetween(round, round + 1);
        return round;
    }

    /**
     * The delays are seeded, but what the process does meanwhile is not: each run of this test kills in other moments.
     * -Dcrash.kills=1000 kills as often.
     */
    @Test
    void killedAtAnyMomentItLeavesAWholeCheckpointAndTheNextOneGoesOn() throws IOException, InterruptedException {
        Sizes sizes = new Sizes(50_000, 100_000, 3, 3);
        int kills = Integer.getInteger("crash.kills", 15);
        RandomStream random = RandomStream.of(Long.getLong("crash.seed", 1));
        int halfWritten = 0;
        int halfDeleted = 0;
        int round = 0;
        for (int kill = 0; kill < kills; kill++) {
            startAndKill(sizes, random, kill % 5 == 4);
            round = requireWhole(Math.max(round, lastSaid()), sizes);
            halfWritten += names("checkpoints").stream().anyMatch(name -> name.startsWith("temporary-step-")) ? 1 : 0;
            halfDeleted +=
                    names("checkpoints").stream().anyMatch(name -> name.startsWith("temporary-deleted-")) ? 1 : 0;
        }
        // What a kill meets is chance, so it is told and not asserted.
        System.out.printf(
                "%d kills in %d rounds: %d left a half-written checkpoint, %d a half-deleted one%n",
                kills, round, halfWritten, halfDeleted);
        finish(round + 2, sizes);
    }

    private void startAndKill(Sizes sizes, RandomStream random, boolean whileStarting)
            throws IOException, InterruptedException {
        long before = lines();
        Process process = start(FOR_EVER, sizes, 0);
        try {
            if (whileStarting) {
                process.waitFor((long) (1000 * random.nextDouble()), TimeUnit.MILLISECONDS);
            } else {
                long said = before + 1 + (long) (5 * random.nextDouble());
                while (lines() < said && process.isAlive()) {
                    Thread.sleep(1);
                }
                process.waitFor((long) (100 * random.nextDouble()), TimeUnit.MILLISECONDS);
            }
            assertThat(process.isAlive())
                    .as(Files.readString(folder.resolve("complained")))
                    .isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private long lines() throws IOException {
        return Files.exists(said()) ? Files.readString(said()).lines().count() : 0;
    }

    /** A limit on the size of files stands for a full disk: a write fails in the middle of a file. */
    @ParameterizedTest
    @CsvSource({
        "1000, 1000000, 3, 3, 1500, moments-0000.safetensors",
        "10, 10, 100, 3, 64, metrics.jsonl",
        "10, 10, 3, 100, 64, tensorboard"
    })
    void whereAFileCannotBeWrittenTheRunIsKeptAndGoesOnLater(
            int model, int moments, int metrics, int events, int fileBlocks, String where)
            throws IOException, InterruptedException {
        Sizes sizes = new Sizes(model, moments, metrics, events);
        assertThat(start(FOR_EVER, sizes, fileBlocks).waitFor()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("complained"))).contains("Cannot ", where, "File too large");
        assertThat(names("checkpoints"))
                .as("room is not taken by what cannot be used")
                .noneMatch(name -> name.startsWith("temporary-"));
        int round = requireWhole(lastSaid(), sizes);
        finish(round + 3, sizes);
    }
}

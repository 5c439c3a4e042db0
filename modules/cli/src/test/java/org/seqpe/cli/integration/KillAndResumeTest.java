package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.RunFolder;

/**
 * Jobs that are killed and started again, compared with one that ran through, in this JVM and on another number of
 * cores.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "processes are stopped by POSIX signals")
@Timeout(300)
class KillAndResumeTest {
    private static final int STEPS = 24;
    private static final String LOGGED = "a round is logged that no checkpoint has";
    private static final int ROUNDS = STEPS / TinyExperiment.STEPS_PER_ROUND;

    @TempDir
    private static Path folder;

    private static String configuration;
    private static RunFolder whole;

    @BeforeAll
    static void trainWithoutInterruption() throws IOException {
        configuration = TinyExperiment.prepared(folder);
        whole = TinyExperiment.trained(configuration, folder.resolve("whole"), STEPS);
    }

    @Test
    void killedAtAnyMomentItContinuesToTheSameBits() throws IOException, InterruptedException {
        Path run = folder.resolve("killed");
        RunFolder killed = new RunFolder(run.toString());
        String[] train = TinyExperiment.train(configuration, killed.path(), STEPS, "--master", "local[2]");
        Map<String, BooleanSupplier> moments = new LinkedHashMap<>();
        moments.put(
                "the first checkpoint is being written",
                () -> exists(run.resolve("checkpoints"), "temporary-step-00000000"));
        moments.put(LOGGED, () -> lines(run.resolve("metrics.jsonl")) == 3);
        moments.put("tasks write their moments to a checkpoint", () -> temporary(run)
                .anyMatch(checkpoint -> exists(checkpoint, "moments-")));
        for (Map.Entry<String, BooleanSupplier> moment : moments.entrySet()) {
            try (CommandProcess process = CommandProcess.start(folder.resolve("killed.log"), train)) {
                process.stopWhen(moment.getKey(), moment.getValue());
                if (moment.getKey().equals(LOGGED)) {
                    requireRefused(killed);
                }
                process.kill();
            }
            assertThat(moment.getValue().getAsBoolean()).as(moment.getKey()).isTrue();
            // What a reader of the folder finds then is whole.
            Outcome.of("inspect", killed.path()).done();
        }
        try (CommandProcess process = CommandProcess.start(folder.resolve("killed.log"), train)) {
            process.done();
        }

        assertThat(TinyExperiment.rounds(killed))
                .isEqualTo(IntStream.rangeClosed(1, ROUNDS).boxed().toList());
        assertThat(TinyExperiment.metricsWithoutTimes(killed)).isEqualTo(TinyExperiment.metricsWithoutTimes(whole));
        assertThat(Path.of(TinyExperiment.model(killed))).hasSameBinaryContentAs(Path.of(TinyExperiment.model(whole)));
        assertThat(TinyExperiment.arrays(killed)).isEqualTo(TinyExperiment.arrays(whole));
        assertThat(names(run)).isEqualTo(names(Path.of(whole.path())));
        assertThat(names(run.resolve("checkpoints")))
                .isEqualTo(names(Path.of(whole.path()).resolve("checkpoints")));
    }

    /** The stopped process still lives, so its folder is not free. */
    private static void requireRefused(RunFolder run) {
        Outcome second = Outcome.of(TinyExperiment.train(configuration, run.path(), STEPS, "--master", "local[1]"));
        assertThat(second.status()).as(second.complained()).isEqualTo(2);
        assertThat(second.complained()).contains("Cannot work on", run.path(), "works on it", "--force-unlock");
    }

    private static Stream<Path> temporary(Path run) {
        return Arrays.stream(names(run.resolve("checkpoints")))
                .filter(name -> name.startsWith("temporary-step-"))
                .map(run.resolve("checkpoints")::resolve);
    }

    private static boolean exists(Path parent, String beginning) {
        return Arrays.stream(names(parent)).anyMatch(name -> name.startsWith(beginning));
    }

    /** Sorted; none where the folder does not exist. */
    private static String[] names(Path parent) {
        String[] names = parent.toFile().list();
        if (names == null) {
            return new String[0];
        }
        Arrays.sort(names);
        return names;
    }

    private static long lines(Path file) {
        try {
            return Files.readString(file).lines().count();
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

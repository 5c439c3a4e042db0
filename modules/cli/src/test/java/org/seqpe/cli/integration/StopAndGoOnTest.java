package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.RunFolder;

/** Runs that end before their last step because somebody wants it, and go on. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "processes get POSIX signals")
@Timeout(300)
class StopAndGoOnTest {
    private static final int STEPS = 8;
    /** So many that it is at work for as long as the test needs it. */
    private static final int MANY_STEPS = 200_000;

    private static final int TERMINATED = 143;

    @TempDir
    private static Path folder;

    private static String configuration;

    @BeforeAll
    static void prepare() throws IOException {
        configuration = TinyExperiment.prepared(folder);
    }

    /**
     * Spark's own shutdown does not begin before the checkpoint is written; a run that goes on from it is not known
     * from one that never stopped.
     */
    @Test
    void aSignalIsFollowedByACheckpointAndTheStatusThatSchedulersKnow() throws IOException, InterruptedException {
        Path log = folder.resolve("signalled.log");
        Path run = folder.resolve("signalled");
        RunFolder signalled = new RunFolder(run.toString());
        String[] train = TinyExperiment.train(
                configuration,
                signalled.path(),
                MANY_STEPS,
                "--set",
                "train.checkpoint-every=100000",
                "--set",
                "train.validate-every=0",
                "--master",
                "local[2]");
        int reached = 0;
        for (int start = 0; start < 2; start++) {
            int before = TinyExperiment.roundsOf(run);
            try (CommandProcess process = CommandProcess.start(log, train)) {
                process.await("two more rounds are done", () -> TinyExperiment.roundsOf(run) >= before + 2);
                process.signal("TERM");
                assertThat(process.end()).as(Files.readString(log)).isEqualTo(TERMINATED);
            }
            reached = Math.toIntExact(
                    signalled.checkpoints().latest().orElseThrow().step());
            assertThat(reached).isEqualTo(TinyExperiment.STEPS_PER_ROUND * TinyExperiment.roundsOf(run));
            assertThat(Files.readString(log))
                    .contains(
                            "SIGTERM: finishing the round",
                            "Stopped after step",
                            "because a signal asked for it",
                            "The same command goes on:",
                            "seqpe train --conf " + configuration + " --run " + signalled.path() + " --set train.steps="
                                    + MANY_STEPS)
                    .doesNotContain("Exception");
            assertThat(run.resolve("lock.json")).doesNotExist();
        }
        RunFolder whole = new RunFolder(folder.resolve("whole").toString());
        Outcome.of(TinyExperiment.train(
                        configuration,
                        whole.path(),
                        reached,
                        "--set",
                        "train.checkpoint-every=100000",
                        "--set",
                        "train.validate-every=0",
                        "--master",
                        "local[1]"))
                .done();
        assertThat(TinyExperiment.arrays(signalled)).isEqualTo(TinyExperiment.arrays(whole));
    }

    @Test
    void theSecondSignalStopsAtOnce() throws IOException, InterruptedException {
        Path log = folder.resolve("impatient.log");
        Path run = folder.resolve("impatient");
        // Rounds of minutes.
        String[] train = TinyExperiment.train(
                configuration,
                run.toString(),
                MANY_STEPS,
                "--set",
                "train.steps-per-round=100000",
                "--master",
                "local[2]");
        try (CommandProcess process = CommandProcess.start(log, train)) {
            process.await(
                    "the first checkpoint is there", () -> Files.exists(run.resolve("checkpoints/step-00000000")));
            process.signal("TERM");
            process.await("it has heard the signal", () -> Files.readString(log).contains("finishing the round"));
            process.signal("TERM");
            assertThat(process.end()).as(Files.readString(log)).isEqualTo(TERMINATED);
        }
        assertThat(new RunFolder(run.toString()).checkpoints().steps()).containsExactly(0L);
    }

    @Test
    void itsTimeEndsARunWithSuccessAndTheSameCommandGoesOn() throws IOException {
        RunFolder run = new RunFolder(folder.resolve("timed").toString());
        String[] train =
                TinyExperiment.train(configuration, run.path(), STEPS, "--master", "local[1]", "--max-runtime", "1ms");
        for (int round = 1; round < STEPS / TinyExperiment.STEPS_PER_ROUND; round++) {
            Outcome stopped = Outcome.of(train).done();
            assertThat(stopped.printed())
                    .contains(
                            "Stopped after step " + round * TinyExperiment.STEPS_PER_ROUND + " of " + STEPS,
                            "max-runtime",
                            "seqpe train --conf " + configuration,
                            "--max-runtime 1ms");
        }
        assertThat(Outcome.of(train).done().printed())
                .contains("Trained 8 steps")
                .doesNotContain("Stopped");
        RunFolder whole = new RunFolder(folder.resolve("untimed").toString());
        Outcome.of(TinyExperiment.train(configuration, whole.path(), STEPS, "--master", "local[2]"))
                .done();
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(whole));
    }

    @Test
    void anotherNumberOfReplicasIsSaidDeliberately() {
        RunFolder run = new RunFolder(folder.resolve("resized").toString());
        String[] train = TinyExperiment.train(configuration, run.path(), STEPS, "--master", "local[2]");
        Outcome.of(train).done();
        String[] more = TinyExperiment.train(configuration, run.path(), 2 * STEPS, "--master", "local[2]");
        Outcome refused = Outcome.of(with(more, "--set", "train.replicas=3"));
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.complained()).contains("seqpe.train.replicas: 2 there, 3 now", "--replicas 3");
        assertThat(Outcome.of(with(more, "--replicas", "3")).done().printed()).contains("Trained 16 steps");
        assertThat(Outcome.of("inspect", run.path()).done().printed())
                .contains("replicas     2, 3 from step 8 on", "moments-0002");
    }

    private static String[] with(String[] command, String... more) {
        String[] all = Arrays.copyOf(command, command.length + more.length);
        System.arraycopy(more, 0, all, command.length, more.length);
        return all;
    }
}

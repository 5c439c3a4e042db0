package org.seqpe.bench.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;
import org.seqpe.core.config.TaskKind;
import org.seqpe.core.random.RandomStream;
import org.seqpe.core.run.RunFolder;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.train.BirdTraining;
import org.seqpe.spark.train.QuestionTraining;
import org.seqpe.spark.train.ShapeTraining;
import org.seqpe.spark.train.TrainingProcess;

/**
 * Trainings of a small model on a real standalone cluster (a master, workers, their executors and the driver, each a
 * process), in each of which one process is killed by SIGKILL at a random moment: an executor, a worker, the driver, in
 * turn. A worker is replaced and a driver started again, as whoever watches over them would; nothing else is done. The
 * last checkpoint must be, to the bit, that of a training in which nobody was killed. Not among the tests that a build
 * runs:
 *
 * <pre>
 * ./mvnw -q -Pbench -pl modules/bench -am test -Dtest=KillCampaign -Dsurefire.failIfNoSpecifiedTests=false -Dkill.runs=20 -Dkill.seed=1
 * </pre>
 *
 * {@code kill.task} names what is learned, language (the default), images or answers. {@code kill.executors} is the
 * number of workers, each with one executor; the default is one for each of the three replicas, which take turns on
 * fewer. The number does not change the files of the last checkpoint, so they are printed for a comparison.
 * {@code kill.precision} is the devices' precision, float32 or bf16.
 */
class KillCampaign {
    private static final int REPLICAS = 3;
    private static final int ROUNDS = 10;
    private static final int STEPS_PER_ROUND = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(6);

    @TempDir
    private Path folder;

    private StandaloneCluster cluster;
    private List<String> config;
    private List<String> expected;
    private List<String> expectedLosses;
    /** Of the training that nobody disturbs: seconds from its start to its first round's end, and of a later round. */
    private double firstRound;

    private double laterRound;

    private enum Victim {
        EXECUTOR,
        WORKER,
        DRIVER
    }

    /**
     * What became of one training.
     *
     * @param round in which the process was killed, from 1
     * @param writing whether a checkpoint was being written then
     * @param step of the last checkpoint then; -1 for none
     */
    private record Killed(Victim victim, double seconds, int round, boolean writing, long step) {}

    @Test
    void killAndCompare() throws IOException, InterruptedException {
        int runs = Integer.getInteger("kill.runs", 20);
        long seed = Long.getLong("kill.seed", 1);
        int executors = Integer.getInteger("kill.executors", REPLICAS);
        TaskKind task =
                TaskKind.valueOf(System.getProperty("kill.task", "language").toUpperCase(Locale.ROOT));
        config = prepare(task, training(executors));
        List<String> failures = new ArrayList<>();
        try (StandaloneCluster started =
                new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), executors)) {
            cluster = started;
            trainUndisturbed();
            System.out.println(
                    "\n| run | killed | after s | in round | checkpoint then | run took s | equal |\n| ---: | --- | ---: | ---: | --- | ---: | --- |");
            for (int run = 1; run <= runs; run++) {
                String failure = trainDisturbed(
                        run, Victim.values()[(run - 1) % Victim.values().length], RandomStream.of(seed, run));
                if (!failure.isEmpty()) {
                    failures.add(failure);
                }
            }
        }
        assertThat(failures).isEmpty();
    }

    private static List<String> training(int executors) {
        return List.of(
                "train.steps=" + ROUNDS * STEPS_PER_ROUND,
                "train.steps-per-round=" + STEPS_PER_ROUND,
                "train.replicas=" + REPLICAS,
                "train.allow-waves=" + (executors < REPLICAS),
                "train.validate-every=3",
                "train.checkpoint-every=2",
                "train.cluster-timeout=120s",
                "device.precision=" + System.getProperty("kill.precision", "float32"),
                "device.precision-fallback=emulate");
    }

    /** Prepares the task's data; returns the whole configuration. */
    private List<String> prepare(TaskKind task, List<String> training) throws IOException {
        return switch (task) {
            case LANGUAGE -> BirdTraining.config(BirdTraining.prepare(folder), training);
            case IMAGES -> {
                List<String> others = new ArrayList<>(training);
                others.addAll(List.of("model.dropout=0.1", "data.loader-threads=3"));
                yield ShapeTraining.config(ShapeTraining.prepare(folder), others);
            }
            case ANSWERS -> QuestionTraining.config(QuestionTraining.prepare(folder), training);
        };
    }

    private void trainUndisturbed() throws IOException, InterruptedException {
        Path run = folder.resolve("undisturbed");
        long start = System.nanoTime();
        Process driver = TrainingProcess.start(folder, cluster, run, config);
        awaitRounds(driver, run, 1);
        firstRound = secondsSince(start);
        awaitRounds(driver, run, ROUNDS - 1);
        laterRound = (secondsSince(start) - firstRound) / (ROUNDS - 2);
        String failure = end(driver, run);
        assertThat(failure).isEmpty();
        expected = files(run);
        expectedLosses = losses(run);
        System.out.printf(
                Locale.ROOT,
                "%nNobody killed: %.1f s, the first round done after %.1f s, each later round %.2f s%n",
                secondsSince(start),
                firstRound,
                laterRound);
        expected.forEach(System.out::println);
    }

    /** Returns what went wrong, or nothing. */
    private String trainDisturbed(int number, Victim victim, RandomStream random)
            throws IOException, InterruptedException {
        Path run = folder.resolve("run" + number);
        long start = System.nanoTime();
        Process driver = TrainingProcess.start(folder, cluster, run, config);
        double moment = random.nextDouble() * ROUNDS;
        int before = (int) moment;
        awaitRounds(driver, run, before);
        TimeUnit.MICROSECONDS.sleep((long) (1e6 * (moment - before) * (before == 0 ? firstRound : laterRound)));
        Killed killed = kill(victim, driver, run, start, random);
        if (victim == Victim.WORKER) {
            cluster.addWorker();
        } else if (victim == Victim.DRIVER) {
            driver = TrainingProcess.start(folder, cluster, run, config);
        }
        String failure = end(driver, run);
        if (failure.isEmpty() && !files(run).equals(expected)) {
            failure = "other bits";
        } else if (failure.isEmpty() && !losses(run).equals(expectedLosses)) {
            failure = "other metrics";
        } else if (failure.isEmpty() && leftovers(run).findAny().isPresent()) {
            failure = "left behind: " + leftovers(run).toList();
        }
        String checkpoint = (killed.step() < 0 ? "none" : "step " + killed.step())
                + (killed.writing() ? ", the next being written" : "");
        System.out.printf(
                Locale.ROOT,
                "| %d | %s | %.1f | %d | %s | %.1f | %s |%n",
                number,
                killed.victim().name().toLowerCase(Locale.ROOT),
                killed.seconds(),
                killed.round(),
                checkpoint,
                secondsSince(start),
                failure.isEmpty() ? "yes" : failure.lines().findFirst().orElse(""));
        return failure.isEmpty() ? "" : "run " + number + ": " + failure;
    }

    private Killed kill(Victim victim, Process driver, Path run, long start, RandomStream random)
            throws IOException, InterruptedException {
        List<ProcessHandle> candidates = candidates(victim, driver);
        while (candidates.isEmpty() && driver.isAlive()) {
            Thread.sleep(5);
            candidates = candidates(victim, driver);
        }
        assertThat(driver.isAlive())
                .as("The training is over before anybody is killed: rounds that are longer are needed")
                .isTrue();
        ProcessHandle chosen = candidates.get((int) (random.nextDouble() * candidates.size()));
        boolean writing = leftovers(run).anyMatch(name -> name.startsWith("temporary-step-"));
        chosen.destroyForcibly();
        double seconds = secondsSince(start);
        long step = new RunFolder(run.toString())
                .checkpoints().steps().stream().reduce((a, b) -> b).orElse(-1L);
        return new Killed(victim, seconds, rounds(run) + 1, writing, step);
    }

    private List<ProcessHandle> candidates(Victim victim, Process driver) {
        return switch (victim) {
            case EXECUTOR -> cluster.executors();
            case WORKER -> cluster.workers();
            case DRIVER -> List.of(driver.toHandle());
        };
    }

    private static void awaitRounds(Process driver, Path run, int rounds) throws IOException, InterruptedException {
        while (rounds(run) < rounds && driver.isAlive()) {
            Thread.sleep(5);
        }
    }

    private String end(Process driver, Path run) throws IOException, InterruptedException {
        if (!driver.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            driver.destroyForcibly().waitFor();
            return "no end after " + PATIENCE.toSeconds() + " s\n" + log(run);
        }
        // The next training's executors begin when this one's are gone.
        while (!cluster.executors().isEmpty()) {
            Thread.sleep(20);
        }
        return driver.exitValue() == 0 ? "" : "exit status " + driver.exitValue() + "\n" + log(run);
    }

    private String log(Path run) throws IOException {
        return Files.readString(folder.resolve(run.getFileName() + ".log"));
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    /** Rounds that a training has logged so far. */
    private static int rounds(Path run) throws IOException {
        try {
            return (int) Files.readString(run.resolve("metrics.jsonl"))
                    .chars()
                    .filter(character -> character == '\n')
                    .count();
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** Parameters, outer momentum and moments of the last checkpoint; of a damaged one, what is wrong with it. */
    private static List<String> files(Path run) {
        try {
            return TrainingProcess.files(run);
        } catch (UserException e) {
            return List.of(e.getMessage());
        }
    }

    private static List<String> losses(Path run) {
        return new RunFolder(run.toString())
                .metrics().lines().stream()
                        .map(line -> line.get("round") + " " + line.get("loss") + " " + line.get("validation_loss"))
                        .toList();
    }

    /** Names of what does not belong into the folder of checkpoints or into one of them. */
    private static Stream<String> leftovers(Path run) {
        String[] all = run.resolve("checkpoints").toFile().list();
        Stream<String> folders = Stream.of(all == null ? new String[0] : all);
        return folders.flatMap(name -> {
                    String[] files =
                            run.resolve("checkpoints").resolve(name).toFile().list();
                    return Stream.concat(
                            Stream.of(name),
                            name.startsWith("temporary-") || files == null ? Stream.empty() : Stream.of(files));
                })
                .filter(name -> !name.matches(
                        "step-\\d+|best\\.json|checkpoint\\.json|(model|outer|moments-\\d{4})\\.safetensors"));
    }
}

package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.spark.StandaloneCluster;

/**
 * Language models of 7, 10 and 30 million parameters, trained on an embedded Spark and on a standalone cluster of two
 * workers: losses and every file of the last checkpoint must be the same, with every code of deltas, whatever becomes
 * of the moments, and when an executor is killed. Not among the tests that a build runs:
 *
 * <pre>
 * ./mvnw -q -pl modules/spark -am test -Dtest=SizeCampaign -Dsurefire.failIfNoSpecifiedTests=false [-Dsize.first=2]
 * </pre>
 *
 * {@code size.first} leaves out the models before it, counted from 0.
 */
class SizeCampaign {
    private static final int WORKERS = 2;
    private static final int ROUNDS = 3;
    private static final int STEPS_PER_ROUND = 5;
    private static final long PATIENCE_SECONDS = 1800;

    /** Width, layers, and settings that differ from the defaults. */
    private record Model(int width, int layers, List<List<String>> ways) {}

    private static final List<String> PLAIN = List.of();
    private static final List<String> BF16 = List.of("train.delta-compression=bf16", "train.moments=average");
    private static final List<String> INT8 = List.of("train.delta-compression=int8", "train.moments=reset");
    private static final List<String> INT4 = List.of("train.delta-compression=int4", "train.outer.optimizer=nesterov");
    private static final List<Model> MODELS = List.of(
            new Model(384, 3, List.of(PLAIN, BF16, INT8, INT4)),
            new Model(384, 4, List.of(PLAIN, BF16, INT8, INT4)),
            new Model(640, 5, List.of(PLAIN, BF16, INT8, INT4)));

    @TempDir
    private Path folder;

    private String data;

    @Test
    void clusterAndEmbedded() throws IOException, InterruptedException {
        data = BirdTraining.prepare(folder);
        List<String> failures = new ArrayList<>();
        System.out.println("\n| parameters | settings | killed | losses | equal |\n| ---: | --- | --- | --- | --- |");
        try (StandaloneCluster cluster =
                new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), WORKERS, "2g")) {
            for (Model model : MODELS.subList(Integer.getInteger("size.first", 0), MODELS.size())) {
                for (List<String> way : model.ways()) {
                    compare(cluster, model, way, way.isEmpty(), failures);
                }
            }
        }
        assertThat(failures).isEmpty();
    }

    private List<String> config(Model model, List<String> way) {
        List<String> others = new ArrayList<>(List.of(
                "model.width=" + model.width(),
                "model.layers=" + model.layers(),
                "model.heads=8",
                "optimizer.learning-rate=1e-3",
                "train.steps=" + ROUNDS * STEPS_PER_ROUND,
                "train.steps-per-round=" + STEPS_PER_ROUND,
                "train.replicas=" + WORKERS,
                "train.validate-every=1",
                "train.checkpoint-every=3",
                "train.cluster-timeout=120s"));
        others.addAll(way);
        return BirdTraining.config(data, others);
    }

    private void compare(
            StandaloneCluster cluster, Model model, List<String> way, boolean alsoKilled, List<String> failures)
            throws IOException, InterruptedException {
        String name = model.width() + "-" + model.layers() + "-"
                + String.join("-", way).replaceAll("[^a-z0-9]+", "-");
        List<String> config = config(model, way);
        Path embedded = folder.resolve(name + "embedded");
        end(
                TrainingProcess.start(
                        folder, "local[" + WORKERS + "]", Map.of("spark.ui.enabled", "false"), embedded, config),
                embedded);
        for (boolean killed : alsoKilled ? new boolean[] {false, true} : new boolean[] {false}) {
            Path run = folder.resolve(name + (killed ? "killed" : "cluster"));
            Process driver = TrainingProcess.start(folder, cluster, run, config);
            if (killed) {
                awaitRound(driver, run);
                cluster.executors().get(1).destroyForcibly();
            }
            end(driver, run);
            boolean equal = TrainingProcess.files(run).equals(TrainingProcess.files(embedded))
                    && losses(run).equals(losses(embedded));
            String line = String.format(
                    Locale.ROOT,
                    "| %,d | %s | %s | %s | %s |",
                    parameters(run),
                    way.isEmpty() ? "defaults" : String.join(", ", way),
                    killed ? "an executor, after round 1" : "nobody",
                    String.join(", ", losses(run)),
                    equal ? "yes" : "NO");
            System.out.println(line);
            if (!equal) {
                failures.add(line + " embedded: " + losses(embedded));
            }
            delete(run);
        }
        delete(embedded);
        while (!cluster.executors().isEmpty()) {
            Thread.sleep(20);
        }
    }

    private static void awaitRound(Process driver, Path run) throws IOException, InterruptedException {
        Path metrics = run.resolve("metrics.jsonl");
        while (driver.isAlive()
                && (!Files.exists(metrics) || Files.readString(metrics).lines().count() < 1)) {
            Thread.sleep(20);
        }
    }

    private void end(Process driver, Path run) throws IOException, InterruptedException {
        boolean ended = driver.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        driver.destroyForcibly().waitFor();
        assertThat(ended && driver.exitValue() == 0)
                .as(Files.readString(folder.resolve(run.getFileName() + ".log")))
                .isTrue();
    }

    private static List<String> losses(Path run) {
        return new RunFolder(run.toString())
                .metrics().lines().stream()
                        .map(line -> line.get("loss").asText())
                        .toList();
    }

    /** Float32 values of the checkpoint's model. */
    private static long parameters(Path run) throws IOException {
        return Files.size(Path.of(new RunFolder(run.toString())
                        .checkpoints()
                        .latest()
                        .orElseThrow()
                        .file(Checkpoints.MODEL)
                        .replaceFirst("^file:/*", "/")))
                / Float.BYTES;
    }

    private static void delete(Path run) throws IOException {
        org.apache.commons.io.FileUtils.deleteDirectory(run.toFile());
    }
}

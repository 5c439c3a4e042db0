package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.NamedArray;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.RunFolder;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.round.Validator;

/** What can be seen of a training while it runs, and what stays of it. */
class RoundLogTest {
    private static final Map<String, String> WITH_UI = Map.of(
            "spark.ui.enabled",
            "true",
            "spark.ui.port",
            "0",
            "spark.driver.host",
            "localhost",
            "spark.driver.bindAddress",
            "127.0.0.1",
            "spark.metrics.namespace",
            "test");

    @TempDir
    private Path folder;

    @Test
    void metricsFilesAndSparkTellTheSame() throws Exception {
        try (var session = SparkSessions.create("local[2]", "seen", WITH_UI)) {
            JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
            List<String> descriptions = new CopyOnWriteArrayList<>();
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onJobStart(SparkListenerJobStart start) {
                    descriptions.add(start.properties().getProperty("spark.job.description"));
                }
            });
            String page = spark.sc().uiWebUrl().get() + "/metrics/prometheus";
            List<String> seen = new ArrayList<>();
            RunFolder run = new RunFolder(folder.resolve("run").toString());
            train(spark, run, 4, () -> seen.add(get(page)));
            List<JsonNode> lines = run.metrics().lines();
            assertThat(lines).hasSize(2);
            // The first call comes before the first round.
            for (int round = 1; round <= 2; round++) {
                JsonNode line = lines.get(round - 1);
                assertThat(seen.get(round))
                        .contains(
                                gauge("round", round),
                                gauge("step", 2 * round),
                                gauge("loss", line.get("loss").asDouble()),
                                gauge(
                                        "tokens_per_second",
                                        line.get("tokens_per_second").asDouble()),
                                gauge("wait_seconds", line.get("wait_seconds").asDouble()),
                                gauge("bytes", line.get("bytes").asLong()),
                                gauge(
                                        "delta_norms_1",
                                        line.get("delta_norms").get(1).asDouble()));
            }
            assertThat(get(page)).as("after training").doesNotContain("driver_seqpe_");
            train(spark, run, 6, () -> {});
            spark.sc().listenerBus().waitUntilEmpty();
            assertThat(descriptions)
                    .contains("round 1 of 2, from step 0", "round 2 of 2, from step 2", "round 3 of 3, from step 4");
            try (Stream<Path> events = Files.list(folder.resolve("run/tensorboard"))) {
                assertThat(events).as("one file a start").hasSize(2);
            }
        }
    }

    private static String gauge(String name, Object value) {
        return "metrics_test_driver_seqpe_" + name + "_Value{type=\"gauges\"} " + value + "\n";
    }

    private static String get(String page) {
        try (InputStream in = URI.create(page).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void train(JavaSparkContext spark, RunFolder run, int steps, Runnable afterRound) {
        RunConfig config = ConfigReader.defaults(List.of(
                "data.path=/data",
                "train.steps=" + steps,
                "train.steps-per-round=2",
                "train.replicas=2",
                "train.validate-every=0",
                "train.checkpoint-every=1",
                "optimizer.schedule.warmup-steps=0",
                "optimizer.schedule.shape=constant"));
        MultiLayerNetwork network = ToyTraining.network(0);
        TrainSetup setup = new TrainSetup(
                network,
                List.of(new NamedArray("parameters", 0, List.of(network.numParams()))),
                ToyTraining::replica,
                new ToyTraining.Points(),
                step -> 0.1,
                () -> new Validator.Validation(1, Map.of()),
                "cpu",
                "ab12",
                "tokens");
        Progress progress = new Progress() {
            @Override
            public void start(String label, long total) {}

            @Override
            public void advance(long units, String message) {
                afterRound.run();
            }

            @Override
            public void close() {}
        };
        new TrainLoop(
                        config,
                        run,
                        setup,
                        OuterOptimizer.of(config.train().resolvedOuter(), network.numParams()),
                        progress)
                .run(spark, TrainOptions.DEFAULT);
    }
}

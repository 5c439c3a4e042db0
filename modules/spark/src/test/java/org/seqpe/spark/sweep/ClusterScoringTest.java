package org.seqpe.spark.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.VectorFile;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.text.CheckpointScorer;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LanguageSweep;
import org.seqpe.evaluation.text.SplitTokens;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.task.Tasks;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.prepare.PrepareJob;

/** Sweeps on executors that are processes of their own. */
class ClusterScoringTest {
    private static final int VOCABULARY = 256;
    private static final int TRAINING_LENGTH = 32;
    /** What depends on who computes and how fast. */
    private static final String[] CIRCUMSTANCES = {"tokensPerSecond", "peakMemoryBytes"};

    @TempDir
    private Path folder;

    private RunConfig config(String encoding) {
        return ConfigReader.defaults(List.of(
                "name=" + encoding,
                "data.path=" + folder.resolve("data"),
                "model.width=16",
                "model.layers=1",
                "model.heads=2",
                "model.position.encoding=" + encoding,
                "model.position.max-position=100",
                "model.position.seqpe.layers=1",
                "train.length=" + TRAINING_LENGTH,
                "objective.transfer.offsets=8",
                "objective.contrastive.range=20",
                "objective.contrastive.candidates=4",
                "evaluation.split=train",
                // Of 2999 predictions: the last window is short, and 128 does not fit the model.
                "evaluation.lengths=[64, 32, 128]",
                "evaluation.stride=16",
                "evaluation.max-tokens=3000",
                "evaluation.batch-tokens=256",
                "device.threads=1"));
    }

    private String model(RunConfig config) {
        String file = folder.resolve(config.name() + ".safetensors").toString();
        try (Device device = Devices.create(config.device().kind(), 1)) {
            ParameterLayout layout =
                    ModelLayout.of(Tasks.spec(config.model().withVocabulary(VOCABULARY), TRAINING_LENGTH));
            Parameters parameters = Parameters.allocate(layout, device);
            parameters.initialize(1);
            float[] values = parameters.values().toArray();
            HadoopFiles.writeAtomically(
                    file,
                    out -> VectorFile.write(
                            out,
                            layout.arrays(),
                            (offset, count, target) -> System.arraycopy(values, (int) offset, target, 0, count)));
        }
        return file;
    }

    @Test
    void executorsGiveTheBitsOfOneProcess() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("The ")
                    .append(i * i % 31)
                    .append("th bird of the ")
                    .append(i % 7)
                    .append("th tree sings")
                    .append(i % 3 == 0 ? ".\n\n" : ", ");
        }
        Path file = Files.writeString(folder.resolve("birds.txt"), text);
        RunConfig seqpe = config("seqpe");
        RunConfig rope = config("rope");
        try (StandaloneCluster cluster = new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), 2);
                var session = SparkSessions.create(cluster.master(), "sweep", new HashMap<>(cluster.settings()))) {
            JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
            TokenDataset data = PrepareJob.run(
                    spark,
                    PrepareRequest.of(List.of(file.toString()), seqpe.data().path())
                            .tokenizer("bytes")
                            .build(),
                    PrepareProgress.NONE);
            try (TokenSplit split = data.split("train")) {
                SplitTokens tokens = new SplitTokens(
                        split, data.tokenizer(), seqpe.evaluation().maxTokens());
                List<LanguageRun> runs = new ArrayList<>();
                Map<String, ScoredRun> scored = new HashMap<>();
                for (RunConfig config : List.of(seqpe, rope)) {
                    String model = model(config);
                    runs.add(new LanguageRun(
                            config.name(),
                            tokens,
                            () -> CheckpointScorer.open(config.resolveVocabulary(VOCABULARY), model)));
                    scored.put(
                            config.name(),
                            new ScoredRun(
                                    config.resolveVocabulary(VOCABULARY), model, data.folder(), data.hash(), "train"));
                }
                List<LanguageRow> here = new LanguageSweep(seqpe.evaluation(), Progress.none(), row -> {}).run(runs);
                ClusterScoring scoring =
                        new ClusterScoring(spark, scored, seqpe.evaluation().batchTokens());
                List<LanguageRow> there =
                        new LanguageSweep(seqpe.evaluation(), scoring, Progress.none(), row -> {}).run(runs);

                assertThat(here)
                        .extracting(LanguageRow::status)
                        .containsExactly(
                                Status.OK,
                                Status.OK,
                                Status.OK,
                                Status.OK,
                                Status.REFUSED,
                                Status.REFUSED,
                                Status.OK,
                                Status.OK,
                                Status.OK,
                                Status.OK,
                                Status.OK,
                                Status.OK);
                assertThat(there)
                        .usingRecursiveFieldByFieldElementComparatorIgnoringFields(CIRCUMSTANCES)
                        .containsExactlyElementsOf(here);

                scored.put(
                        "rope",
                        new ScoredRun(
                                rope.resolveVocabulary(VOCABULARY),
                                folder.resolve("gone.safetensors").toString(),
                                data.folder(),
                                data.hash(),
                                "train"));
                List<LanguageRow> broken = new LanguageSweep(
                                rope.evaluation(), new ClusterScoring(spark, scored, 256), Progress.none(), row -> {})
                        .run(runs.subList(1, 2));
                assertThat(broken).allSatisfy(row -> {
                    assertThat(row.status()).isEqualTo(Status.FAILED);
                    assertThat(row.message()).contains("gone.safetensors", "no such file");
                });
            }
        }
    }
}

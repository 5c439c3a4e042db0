package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.DFSConfigKeys;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.text.window.TokenDataset;

/**
 * Every command on the paths of a real HDFS, a NameNode and a DataNode in this JVM, compared with a run on the local
 * disk that nothing interrupted.
 */
class HdfsIntegrationTest {
    /** HDFS grants space by blocks: the smaller they are, the closer a quota can be. */
    private static final int BLOCK = 1 << 20;

    private static final int STEPS = 16;

    @TempDir
    private static Path folder;

    private static MiniDFSCluster cluster;
    private static String hdfs;
    private static String configuration;
    private static RunFolder local;

    @BeforeAll
    static void startAndTrainLocally() throws IOException {
        // What the NameNode and the DataNode say of themselves, at the start and when space runs out, concerns nobody
        // here.
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        Configuration settings = new Configuration();
        settings.setInt(DFSConfigKeys.DFS_REPLICATION_KEY, 1);
        settings.setInt(DFSConfigKeys.DFS_BLOCK_SIZE_KEY, BLOCK);
        cluster = new MiniDFSCluster.Builder(settings, folder.resolve("hdfs").toFile())
                .numDataNodes(1)
                .build();
        cluster.waitActive();
        hdfs = cluster.getFileSystem().getUri().toString();
        HadoopFiles.use(settings);

        HadoopFiles.writeAtomically(hdfs + "/corpus/text.txt", TinyExperiment.text());
        configuration = hdfs + "/conf/tiny.conf";
        HadoopFiles.writeAtomically(configuration, TinyExperiment.configuration(hdfs + "/data"));
        Outcome.of(onHdfs(TinyExperiment.prepare(hdfs + "/corpus", hdfs + "/data")))
                .done();

        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Files.writeString(corpus.resolve("text.txt"), TinyExperiment.text());
        String data = folder.resolve("data").toString();
        Outcome.of(TinyExperiment.prepare(corpus.toString(), data, "--master", "local[1]"))
                .done();
        local = new RunFolder(folder.resolve("run").toString());
        Outcome.of(TinyExperiment.train(
                        configuration, local.path(), STEPS, "--set", "data.path=" + data, "--master", "local[1]"))
                .done();
    }

    @AfterAll
    static void stop() {
        HadoopFiles.use(new Configuration());
        cluster.shutdown();
        Configurator.setLevel("org.apache.hadoop", Level.WARN);
    }

    /** With the settings of the cluster, as a site's hdfs-site.xml has them. */
    private static String[] onHdfs(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--master",
                "local[2]",
                "--spark",
                "spark.hadoop.dfs.replication=1",
                "--spark",
                "spark.hadoop.dfs.blocksize=" + BLOCK));
        return all.toArray(String[]::new);
    }

    private static String[] train(RunFolder run, int steps) {
        return onHdfs(TinyExperiment.train(configuration, run.path(), steps));
    }

    @Test
    void aRunThatIsContinuedEqualsOneOnTheLocalDisk() {
        assertThat(TokenDataset.open(hdfs + "/data").hash())
                .isEqualTo(TokenDataset.open(folder.resolve("data").toString()).hash());
        RunFolder run = new RunFolder(hdfs + "/runs/tiny");
        Outcome.of(train(run, STEPS / 2)).done();
        assertThat(TinyExperiment.rounds(run)).hasSize(STEPS / 2 / TinyExperiment.STEPS_PER_ROUND);
        Outcome.of(train(run, STEPS)).done();

        assertThat(TinyExperiment.rounds(run))
                .isEqualTo(IntStream.rangeClosed(1, STEPS / TinyExperiment.STEPS_PER_ROUND)
                        .boxed()
                        .toList());
        assertThat(TinyExperiment.metricsWithoutTimes(run)).isEqualTo(TinyExperiment.metricsWithoutTimes(local));
        assertThat(HadoopFiles.readBytes(TinyExperiment.model(run)))
                .isEqualTo(HadoopFiles.readBytes(TinyExperiment.model(local)));
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(local));
        assertThat(HadoopFiles.list(run.path()))
                .extracting(HadoopFiles.Entry::name)
                .containsExactly("checkpoints", "config.conf", "metrics.jsonl", "run.json", "tensorboard");

        assertThat(Outcome.of("sweep", run.path()).done().printed()).contains("Report: " + run.report());
        List<String> rows = HadoopFiles.readString(run.sweepCsv()).lines().toList();
        assertThat(rows.get(0)).startsWith("run,encoding,protocol,length,");
        assertThat(rows.subList(1, rows.size())).hasSize(2 * 2).allMatch(row -> row.contains(",ok,"));
        Outcome.of("sweep", local.path(), "--output", folder.resolve("sweep").toString())
                .done();
        assertThat(HadoopFiles.readString(new RunFolder(folder.resolve("sweep").toString()).sweepCsv())
                        .lines()
                        .map(HdfsIntegrationTest::measured)
                        .toList())
                .isEqualTo(rows.stream().map(HdfsIntegrationTest::measured).toList());

        HadoopFiles.delete(run.report());
        Outcome.of("report", run.path()).done();
        assertThat(HadoopFiles.readString(run.report()))
                .contains("tiny", TokenDataset.open(hdfs + "/data").hash());
        assertThat(Outcome.of("inspect", run.path()).done().printed()).contains("step " + STEPS + ", verified");
        assertThat(Outcome.of("inspect", hdfs + "/data", "--verify").done().printed())
                .contains("every file is as the manifest says");
    }

    /** The columns up to tokens_per_second, which a clock decides. */
    private static List<String> measured(String row) {
        return List.of(row.split(",", -1)).subList(0, 17);
    }

    @Test
    void aPreparationForWhichThereIsNoSpaceLeavesNothingBehind() throws IOException {
        org.apache.hadoop.fs.Path limited = new org.apache.hadoop.fs.Path(hdfs + "/limited");
        DistributedFileSystem system = cluster.getFileSystem();
        system.mkdirs(limited);
        // One block, while a shard has three files.
        system.setQuota(limited, HdfsConstants.QUOTA_DONT_SET, BLOCK);
        Outcome full = Outcome.of(onHdfs(TinyExperiment.prepare(hdfs + "/corpus", hdfs + "/limited/data")));
        assertThat(full.status()).as(full.complained()).isEqualTo(1);
        assertThat(full.complained()).contains(hdfs + "/limited/data", "quota");
        assertThat(HadoopFiles.list(hdfs + "/limited")).isEmpty();
    }

    @Test
    void aFullDiskLosesNothing() throws IOException {
        RunFolder run = new RunFolder(hdfs + "/runs/full");
        Outcome.of(train(run, STEPS / 4)).done();
        List<String> before = TinyExperiment.arrays(run);
        String checkpoints = hdfs + "/runs/full/checkpoints";
        DistributedFileSystem system = cluster.getFileSystem();
        org.apache.hadoop.fs.Path limited = new org.apache.hadoop.fs.Path(checkpoints);
        long used = system.getContentSummary(limited).getSpaceConsumed();
        long model = HadoopFiles.length(TinyExperiment.model(run));

        // No block is left for the parameters; then one is, but none for the outer momentum; then none for the moments,
        // which tasks write.
        Map<String, Long> space = Map.of(
                "model.safetensors", 0L, "outer.safetensors", BLOCK + model / 2, "moments-", BLOCK + model + model / 2);
        for (Map.Entry<String, Long> left : space.entrySet()) {
            system.setQuota(limited, HdfsConstants.QUOTA_DONT_SET, used + left.getValue());
            Outcome full = Outcome.of(train(run, STEPS));
            assertThat(full.status()).as(full.complained()).isEqualTo(1);
            assertThat(full.complained())
                    .contains("Cannot write " + checkpoints + "/temporary-step-", left.getKey(), "quota");
            assertThat(TinyExperiment.arrays(run)).isEqualTo(before);
            assertThat(Outcome.of("inspect", run.path()).done().printed()).contains("step " + STEPS / 4 + ", verified");
        }

        system.setQuota(limited, HdfsConstants.QUOTA_DONT_SET, HdfsConstants.QUOTA_RESET);
        Outcome.of(train(run, STEPS)).done();
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(local));
        assertThat(TinyExperiment.rounds(run)).isEqualTo(TinyExperiment.rounds(local));
        assertThat(HadoopFiles.list(checkpoints))
                .extracting(HadoopFiles.Entry::name)
                .noneMatch(name -> name.startsWith("temporary-"));
    }

    /** Wherever it is that no block is left for: the lock, the metrics, the events, a checkpoint's files. */
    @Test
    void aQuotaForTheWholeRunFolderLosesNothing() throws IOException {
        RunFolder run = new RunFolder(hdfs + "/runs/crowded");
        Outcome.of(train(run, STEPS / 4)).done();
        List<String> before = TinyExperiment.arrays(run);
        DistributedFileSystem system = cluster.getFileSystem();
        org.apache.hadoop.fs.Path limited = new org.apache.hadoop.fs.Path(run.path());
        for (int blocks = 0; blocks < 4; blocks++) {
            system.setQuota(
                    limited,
                    HdfsConstants.QUOTA_DONT_SET,
                    system.getContentSummary(limited).getSpaceConsumed() + (long) blocks * BLOCK);
            Outcome full = Outcome.of(train(run, STEPS));
            assertThat(full.status()).as(full.complained()).isEqualTo(1);
            assertThat(full.complained())
                    .contains(
                            "Training stopped. Cannot ",
                            run.path(),
                            "quota",
                            "checkpoint of step " + STEPS / 4,
                            "is kept",
                            "once the cause is gone")
                    .doesNotContain("\tat ");
            assertThat(TinyExperiment.arrays(run)).isEqualTo(before);
            Outcome.of("inspect", run.path()).done();
        }
        system.setQuota(limited, HdfsConstants.QUOTA_DONT_SET, HdfsConstants.QUOTA_RESET);
        Outcome.of(train(run, STEPS)).done();
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(local));
        assertThat(TinyExperiment.metricsWithoutTimes(run)).isEqualTo(TinyExperiment.metricsWithoutTimes(local));
    }
}

package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.seqpe.core.config.TrainConfig.DeltaCompression;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.moments.MomentsFile;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.round.Replica;
import org.seqpe.spark.round.RoundResult;
import org.seqpe.spark.round.RoundTrainingMaster;
import org.seqpe.spark.vectors.FloatMemory;
import org.seqpe.spark.vectors.Pieces;

/**
 * Parameters of more than 2 GB, where byte offsets no longer fit an int: two rounds of one replica of a network with as
 * many moments, on an embedded Spark and on a standalone cluster, the second round from a file of the moments.
 * Parameters must have the same bits. It takes 14 GB of memory, 5 GB of disk and some minutes, so it isn't among the
 * tests that a build runs:
 *
 * <pre>
 * ./mvnw -q -pl modules/spark -am test -Dtest=LargeVectorCampaign -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
class LargeVectorCampaign {
    /** Enough for 538,472,003 parameters. */
    private static final int WIDTH = 23_200;

    private static final int INPUTS = 5;
    private static final int CLASSES = 3;
    private static final int STEPS = 2;
    private static final long PATIENCE_MINUTES = 30;
    /** JavaCPP's own limits are those of the Java heap, in which vectors do not lie. */
    private static final List<String> MEMORY = List.of(
            "-Dorg.bytedeco.javacpp.maxbytes=0",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-XX:MaxDirectMemorySize=6g");

    @TempDir
    private Path folder;

    @Test
    void clusterAndEmbedded() throws IOException, InterruptedException {
        String embedded = parametersOf("local[1]", Map.of("spark.ui.enabled", "false"));
        try (StandaloneCluster cluster =
                new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), 1, "2g")) {
            Map<String, String> settings = new TreeMap<>(cluster.settings());
            settings.put("spark.executor.extraJavaOptions", String.join(" ", MEMORY));
            assertThat(parametersOf(cluster.master(), settings)).isEqualTo(embedded);
        }
    }

    /** What {@link #main} prints in a process of its own. */
    private String parametersOf(String master, Map<String, String> settings) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx2g",
                "--add-modules",
                "jdk.incubator.vector"));
        command.addAll(MEMORY);
        for (String opened : List.of(
                "java.lang",
                "java.nio",
                "sun.nio.ch",
                "java.util",
                "java.net",
                "java.lang.invoke",
                "java.util.concurrent")) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-cp",
                StandaloneCluster.classPath(),
                LargeVectorCampaign.class.getName(),
                master,
                folder.resolve("moments.safetensors").toString()));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        Path out = Files.createTempFile(folder, "parameters", ".txt");
        Path log = Files.createTempFile(folder, "driver", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(log.toFile());
        // DL4J's own layers round by the number of OpenMP threads, and Spark gives an executor of one core one thread.
        builder.environment().put("OMP_NUM_THREADS", "1");
        Process process = builder.start();
        boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly().waitFor();
        assertThat(ended && process.exitValue() == 0).as(() -> read(log)).isTrue();
        String parameters = read(out);
        System.out.println(master + ": " + parameters);
        return parameters;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /**
     * Arguments: master, a file to be made for moments, Spark settings as key=value. Prints how many parameters there
     * are and their SHA-256 after each round.
     */
    public static void main(String[] arguments) {
        Map<String, String> settings = new TreeMap<>();
        for (int i = 2; i < arguments.length; i++) {
            String[] setting = arguments[i].split("=", 2);
            settings.put(setting[0], setting[1]);
        }
        MultiLayerNetwork network = network();
        FloatMemory parameters = new FloatMemory(network.params());
        StringBuilder found = new StringBuilder(parameters.length() + " parameters");
        try (SparkSession session = SparkSessions.create(arguments[0], "large vectors", settings)) {
            JavaSparkContext context = new JavaSparkContext(session.sparkContext());
            try (RoundTrainingMaster master = new RoundTrainingMaster(
                    context,
                    network,
                    LargeVectorCampaign::replica,
                    new ToyTraining.Points(),
                    OuterOptimizer.AVERAGE,
                    DeltaCompression.NONE,
                    Pieces.DEFAULT)) {
                RoundResult first = master.round(1, 0, 0, STEPS, List.of(new SavedMoments.Zero()));
                found.append(", round 1: ").append(hash(parameters));
                String folder = HadoopFiles.parent(arguments[1]);
                String file = HadoopFiles.resolve(
                        folder,
                        MomentsFile.writeAll(context, first.moments(), folder)
                                .get(0)
                                .name());
                found.append(", moments: ")
                        .append(MomentsFile.length(file))
                        .append(' ')
                        .append(HadoopFiles.sha256(file));
                master.round(2, STEPS, (long) STEPS * ToyTraining.ROWS, STEPS, List.of(new SavedMoments.File(file)));
                found.append(", round 2: ").append(hash(parameters));
                HadoopFiles.delete(file);
            }
        }
        System.out.println(found);
    }

    private static MultiLayerNetwork network() {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Nesterovs(0.05, 0.9))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(INPUTS)
                        .nOut(WIDTH)
                        .activation(Activation.TANH)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nIn(WIDTH)
                        .nOut(WIDTH)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(WIDTH)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    private static Replica replica(int replica) {
        MultiLayerNetwork network = network();
        return () -> network;
    }

    private static String hash(FloatMemory vector) {
        MessageDigest digest = HadoopFiles.newSha256();
        Pieces pieces = Pieces.DEFAULT;
        for (int piece = 0; piece < pieces.count(vector.length()); piece++) {
            digest.update(vector.view(pieces.offset(piece), pieces.elements(vector.length(), piece)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

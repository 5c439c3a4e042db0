package org.seqpe.bench.campaign;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.StandaloneAccess;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.merge.DeltaStatistics;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.merge.WeightedAverage;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.round.Replica;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.ReplicaReport;
import org.seqpe.spark.round.RoundResult;
import org.seqpe.spark.round.RoundTrainingMaster;
import org.seqpe.spark.vectors.FloatMemory;

/**
 * What a round costs beside its local steps: a network of a given number of parameters whose only step changes a few of
 * them, with Adam's moments. Every phase is shown in seconds and as a multiple of one copy of the parameters through
 * memory, measured in the same process after every round. Not among the tests that a build runs; docs/benchmarks.md has
 * the command and the settings.
 */
class RoundCost {
    private static final int WARMUP = 2;
    private static final String UNLIMITED =
            "-Dorg.bytedeco.javacpp.maxbytes=64g -Dorg.bytedeco.javacpp.maxphysicalbytes=0";

    @Test
    void measure(@TempDir Path folder) throws Exception {
        // Native memory is not bounded by the heap of the tests.
        System.setProperty("org.bytedeco.javacpp.maxbytes", "64g");
        System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
        long parameters = Long.getLong("round.parameters", 139_000_000);
        int replicas = Integer.getInteger("round.replicas", 2);
        int rounds = Integer.getInteger("round.rounds", 7);
        String master = System.getProperty("round.master", "local[2]");
        if (!master.equals("standalone")) {
            measure(parameters, replicas, rounds, master, Map.of("spark.ui.enabled", "false"));
        } else {
            Path secret = Files.createFile(
                    folder.resolve("secret"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(secret, "a secret for a cluster that lives for minutes");
            Map<String, String> encryption =
                    Boolean.getBoolean("round.encrypted") ? StandaloneAccess.settings(secret) : Map.of();
            try (StandaloneCluster cluster =
                    new StandaloneCluster(folder, replicas, System.getProperty("round.memory", "3g"), encryption)) {
                Map<String, String> settings = new HashMap<>(cluster.settings());
                settings.put("spark.executor.extraJavaOptions", UNLIMITED);
                measure(parameters, replicas, rounds, cluster.master(), settings);
            }
        }
        mergeInParts(Math.min(parameters, 1 << 24), replicas);
    }

    private static void measure(
            long parameters, int replicas, int rounds, String master, Map<String, String> settings) {
        List<RoundResult> results = new ArrayList<>();
        List<Double> copies = new ArrayList<>();
        try (var session = SparkSessions.create(master, "round cost", new HashMap<>(settings))) {
            JavaSparkContext context = new JavaSparkContext(session.sparkContext());
            MultiLayerNetwork network = network(parameters);
            INDArray spare = Nd4j.create(DataType.FLOAT, 1, parameters);
            try (RoundTrainingMaster training = new RoundTrainingMaster(
                    context, network, replica -> replica(parameters), new Nothing(), OuterOptimizer.AVERAGE)) {
                List<? extends SavedMoments> moments = Collections.nCopies(replicas, new SavedMoments.Zero());
                for (int round = 1; round <= WARMUP + rounds; round++) {
                    RoundResult result = training.round(round, round - 1, 0, 1, moments);
                    moments = result.moments();
                    double copy = copy(network.params(), spare);
                    if (round > WARMUP) {
                        results.add(result);
                        copies.add(copy);
                    }
                }
            }
        }
        print(parameters, replicas, master, results, copies);
    }

    private static void print(
            long parameters, int replicas, String master, List<RoundResult> results, List<Double> copies) {
        double copy = median(copies.stream().mapToDouble(Double::doubleValue).toArray());
        System.out.printf(
                Locale.ROOT,
                "%,d parameters (%.0f MB), %d replicas, %s, median of %d rounds%n",
                parameters,
                parameters * 4e-6,
                replicas,
                master,
                results.size());
        System.out.printf("%-58s %9s %9s%n", "phase", "seconds", "copies");
        line("one copy of the parameters through memory", copy, copy);
        line("driver: hand out the parameters", median(results, RoundResult::broadcasting), copy);
        line(
                "slowest replica: parameters and moments into the network",
                median(results, r -> r.slowest(ReplicaReport.Times::restoring)),
                copy);
        line(
                "slowest replica: result and moments out",
                median(results, r -> r.slowest(ReplicaReport.Times::storing)),
                copy);
        line("Spark: scheduling and waiting", median(results, RoundResult::waiting), copy);
        line("driver: fetch, average, statistics, outer step", median(results, RoundResult::aggregating), copy);
        double whole = median(results, r -> r.seconds() - r.slowest(t -> t.computing() + t.reading()));
        line("round without its local steps", whole, copy);
        line("the same for each replica", whole / replicas, copy);
        System.out.println("rounds: "
                + results.stream()
                        .map(r -> String.format(
                                Locale.ROOT, "%.3f", r.seconds() - r.slowest(t -> t.computing() + t.reading())))
                        .toList());
    }

    /**
     * One thread's time for each part of merging, a part more at a time; vectors of a share of the parameters, beyond
     * any cache.
     */
    private static void mergeInParts(long parameters, int replicas) {
        FloatMemory start = new FloatMemory(Nd4j.rand(DataType.FLOAT, 1, parameters));
        List<FloatMemory> ends = IntStream.range(0, replicas)
                .mapToObj(k -> new FloatMemory(Nd4j.rand(DataType.FLOAT, 1, parameters)))
                .toList();
        INDArray next = Nd4j.create(DataType.FLOAT, 1, parameters);
        double[][] seconds = new double[4][9];
        double[] copies = new double[9];
        for (int repetition = 0; repetition < copies.length; repetition++) {
            copies[repetition] =
                    copy(next, Nd4j.create(DataType.FLOAT, 1, parameters).assign(1));
            for (int parts = 0; parts < 4; parts++) {
                long before = System.nanoTime();
                merge(start, ends, new FloatMemory(next), parts);
                seconds[parts][repetition] = (System.nanoTime() - before) * 1e-9;
            }
        }
        double copy = median(copies);
        System.out.printf(Locale.ROOT, "merging %,d parameters of %d replicas in one thread%n", parameters, replicas);
        line("one copy of the parameters through memory", copy, copy);
        String[] names = {
            "read start and results", "and average", "and norms and cosines", "and plain outer step, write"
        };
        for (int parts = 0; parts < 4; parts++) {
            line(names[parts], median(seconds[parts]), copy);
        }
    }

    private static void merge(FloatMemory start, List<FloatMemory> ends, FloatMemory next, int parts) {
        int chunk = 1 << 12;
        float[] from = new float[chunk];
        float[] mean = new float[chunk];
        float[][] to = new float[ends.size()][chunk];
        WeightedAverage average = new WeightedAverage();
        DeltaStatistics statistics = new DeltaStatistics(ends.size());
        for (long offset = 0; offset < start.length(); offset += chunk) {
            int count = (int) Math.min(chunk, start.length() - offset);
            start.read(offset, count, from);
            average.clear();
            for (int k = 0; k < to.length; k++) {
                ends.get(k).read(offset, count, to[k]);
                if (parts > 0) {
                    average.add(k + 1, to[k], count);
                }
            }
            if (parts > 0) {
                average.result(mean);
            }
            if (parts > 1) {
                statistics.add(from, to, count);
            }
            if (parts > 2) {
                OuterOptimizer.AVERAGE.step(offset, count, from, mean, from);
                next.write(offset, count, from);
            }
        }
    }

    private static void line(String phase, double seconds, double copy) {
        System.out.printf(Locale.ROOT, "%-58s %9.4f %9.2f%n", phase, seconds, seconds / copy);
    }

    private static double median(List<RoundResult> results, ToDoubleFunction<RoundResult> part) {
        return median(results.stream().mapToDouble(part).toArray());
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static double copy(INDArray from, INDArray to) {
        FloatMemory target = new FloatMemory(to);
        long start = System.nanoTime();
        new FloatMemory(from).copyTo(target);
        return (System.nanoTime() - start) * 1e-9;
    }

    private static Replica replica(long parameters) {
        MultiLayerNetwork network = network(parameters);
        return () -> network;
    }

    /** One layer of that many parameters with Adam, whose fit touches a few of them. */
    private static MultiLayerNetwork network(long parameters) {
        MultiLayerNetwork network =
                new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                        .updater(new Adam(1e-3))
                        .weightInit(WeightInit.ZERO)
                        .list()
                        .layer(new OutputLayer.Builder()
                                .nIn(parameters - 1)
                                .nOut(1)
                                .build())
                        .validateOutputLayerConfig(false)
                        .build()) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public void fit(org.nd4j.linalg.dataset.api.DataSet step) {
                        float[] changed = new float[1000];
                        Arrays.fill(changed, step.getFeatures().getFloat(0));
                        new FloatMemory(params()).write(0, changed.length, changed);
                        new FloatMemory(getUpdater().getStateViewArray()).write(0, changed.length, changed);
                        setScore(1);
                    }
                };
        network.init();
        return network;
    }

    /** Steps that hold their replica's number. */
    private static final class Nothing implements ReplicaBatches {
        private static final long serialVersionUID = 1L;

        @Override
        public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
            return IntStream.range(0, steps)
                    .mapToObj(i -> new DataSet(Nd4j.scalar(1f + replica).reshape(1, 1), Nd4j.zeros(1, 1)))
                    .iterator();
        }

        @Override
        public int rows() {
            return 1;
        }

        @Override
        public long weight(DataSet step) {
            return 1;
        }
    }
}

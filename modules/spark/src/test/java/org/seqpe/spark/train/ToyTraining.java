package org.seqpe.spark.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.schedule.PolySchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.seqpe.core.config.TrainConfig.DeltaCompression;
import org.seqpe.core.random.RandomStream;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.round.Replica;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.RoundTrainingMaster;
import org.seqpe.spark.vectors.Pieces;

/** A small classifier with Adam and a decaying learning rate: everything of a round but the language model. */
public final class ToyTraining {
    public static final int ROWS = 6;
    private static final int INPUTS = 5;
    private static final int HIDDEN = 7;
    /** Enough for 9,437,214 parameters, a little more than two pieces of the usual size, and twice as many moments. */
    private static final int WIDE = (1 << 20) + 3;
    /**
     * Enough for 12,306 parameters, a little more than three of the stretches that are encoded and merged at a time.
     */
    private static final int BROAD = 1367;

    private static final int CLASSES = 3;

    private ToyTraining() {}

    public static MultiLayerNetwork network(int replica) {
        return networkOf(HIDDEN);
    }

    /** The same with more parameters than two pieces of the usual size hold. */
    static MultiLayerNetwork wideNetwork(int replica) {
        return networkOf(WIDE);
    }

    /** The same with more parameters than three of the stretches that are encoded and merged at a time. */
    public static MultiLayerNetwork broadNetwork(int replica) {
        return networkOf(BROAD);
    }

    private static MultiLayerNetwork networkOf(int hidden) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(new PolySchedule(ScheduleType.ITERATION, 0.05, 1, 40)))
                .weightInit(WeightInit.XAVIER)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(INPUTS)
                        .nOut(hidden)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(hidden)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    public static Replica replica(int replica) {
        MultiLayerNetwork network = network(replica);
        return () -> network;
    }

    public static Replica broadReplica(int replica) {
        MultiLayerNetwork network = broadNetwork(replica);
        return () -> network;
    }

    static Replica wideReplica(int replica) {
        MultiLayerNetwork network = wideNetwork(replica);
        return () -> network;
    }

    /**
     * Learnable points: the class is the largest of the first inputs. Replica 1 counts double, so that weights matter.
     */
    public static class Points implements ReplicaBatches {
        private static final long serialVersionUID = 1L;

        @Override
        public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
            return IntStream.range(0, steps)
                    .mapToObj(i -> step(replica, firstStep + i))
                    .iterator();
        }

        public static DataSet step(int replica, long step) {
            RandomStream random = RandomStream.of(11, replica, step);
            INDArray features = Nd4j.create(ROWS, INPUTS);
            INDArray labels = Nd4j.zeros(ROWS, CLASSES);
            for (int row = 0; row < ROWS; row++) {
                int best = 0;
                for (int i = 0; i < INPUTS; i++) {
                    features.putScalar(row, i, random.nextGaussian());
                    if (i < CLASSES && features.getDouble(row, i) > features.getDouble(row, best)) {
                        best = i;
                    }
                }
                labels.putScalar(row, best, 1);
            }
            return new DataSet(features, labels);
        }

        @Override
        public int rows() {
            return ROWS;
        }

        @Override
        public long weight(DataSet step) {
            return step.numExamples();
        }
    }

    /** The same steps, and something that happens once so many of them are done. */
    public static Iterator<DataSet> disturbed(Iterator<DataSet> steps, int done, Runnable disturbance) {
        return new Iterator<>() {
            private int given;

            @Override
            public boolean hasNext() {
                return steps.hasNext();
            }

            @Override
            public DataSet next() {
                if (given++ == done) {
                    disturbance.run();
                }
                return steps.next();
            }
        };
    }

    /** Parameters after each of {@code rounds} rounds of {@code steps} steps. */
    public static List<float[]> train(JavaSparkContext context, int replicas, int rounds, int steps) {
        return train(context, replicas, rounds, steps, DeltaCompression.NONE, Pieces.DEFAULT);
    }

    /** The same with compressed results, in pieces of any size. */
    public static List<float[]> train(
            JavaSparkContext context,
            int replicas,
            int rounds,
            int steps,
            DeltaCompression compression,
            Pieces pieces) {
        MultiLayerNetwork network = network(0);
        List<float[]> parameters = new ArrayList<>();
        try (RoundTrainingMaster master = new RoundTrainingMaster(
                context, network, ToyTraining::replica, new Points(), OuterOptimizer.AVERAGE, compression, pieces)) {
            List<? extends SavedMoments> moments = Collections.nCopies(replicas, new SavedMoments.Zero());
            for (int round = 1; round <= rounds; round++) {
                moments = master.round(
                                round,
                                (round - 1) * steps,
                                (long) (round - 1) * steps * replicas * ROWS,
                                steps,
                                moments)
                        .moments();
                parameters.add(network.params().toFloatVector());
            }
        }
        return parameters;
    }
}

package org.seqpe.spark.qa;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.core.config.AnswerConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.config.TrainConfig;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerPlan;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.model.qa.AnswerTask;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.StepData;
import org.seqpe.spark.vectors.FloatMemory;

/**
 * The steps of a run that learns to answer: features [accumulation x batch, T] the token ids of prompt and answer, and
 * labels one token further, as {@link AnswerTask} reads them; {@link AnswerPlan} orders the examples. Every JVM opens
 * the split once.
 */
public final class AnswerBatches implements ReplicaBatches {
    private static final long serialVersionUID = 1L;
    private static final Map<String, Opened> OPEN = new ConcurrentHashMap<>();

    private final String dataset;
    private final String sha256;
    private final String split;
    private final TrainConfig train;
    private final AnswerConfig.Loss loss;
    private final long seed;

    private record Opened(AnswerSplit split, int end) {}

    /**
     * @param dataset Hadoop path with a scheme, the same for all machines
     * @param sha256 hash of its manifest, which every executor compares
     */
    public AnswerBatches(String dataset, String sha256, RunConfig config) {
        this.dataset = dataset;
        this.sha256 = sha256;
        this.split = config.data().trainSplit();
        this.train = config.train();
        this.loss = config.answers().loss();
        this.seed = config.seed();
    }

    private Opened open() {
        return OPEN.computeIfAbsent(dataset + "#" + split + "#" + sha256, key -> {
            AnswerDataset opened = AnswerDataset.open(dataset);
            opened.requireHash(sha256);
            return new Opened(opened.split(split), opened.tokenizer().endOfText());
        });
    }

    /** @throws org.seqpe.core.UserException if the split cannot be opened or is too small */
    public AnswerPlan plan() {
        return new AnswerPlan(
                open().split, train.length(), train.replicas(), train.accumulation(), train.batch(), seed);
    }

    @Override
    public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
        Opened opened = open();
        AnswerPlan plan = plan();
        int length = train.length();
        float[] features = new float[rows() * length];
        float[] labels = new float[rows() * length];
        StepData step = new StepData(rows(), length, length);
        return new Iterator<>() {
            private int made;

            @Override
            public boolean hasNext() {
                return made < steps;
            }

            @Override
            public DataSet next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                long position = firstSample + made++ * plan.samplesPerStep();
                Arrays.fill(features, AnswerTask.PADDING);
                Arrays.fill(labels, AnswerTask.PADDING);
                for (int i = 0; i < train.accumulation(); i++) {
                    long[] examples = plan.micro(position, replica, i);
                    for (int b = 0; b < examples.length; b++) {
                        fill(
                                opened.split.example(examples[b]),
                                opened.end,
                                (i * train.batch() + b) * length,
                                features,
                                labels);
                    }
                }
                return step.fill(features, labels);
            }
        };
    }

    /** Each token's label is the one after it; that of the last one is the end token. */
    private void fill(AnswerExample example, int end, int at, float[] features, float[] labels) {
        int prompt = example.prompt().length;
        int count = prompt + example.answer().length;
        for (int t = 0; t < count; t++) {
            features[at + t] = t < prompt ? example.prompt()[t] : example.answer()[t - prompt];
        }
        int first = loss == AnswerConfig.Loss.ALL ? 0 : prompt - 1;
        for (int t = first; t < count; t++) {
            labels[at + t] = t + 1 < count ? features[at + t + 1] : end;
        }
    }

    @Override
    public int rows() {
        return train.accumulation() * train.batch();
    }

    /** The predicted tokens. */
    @Override
    public long weight(DataSet step) {
        INDArray labels = step.getLabels();
        float[] values = new float[Math.toIntExact(labels.length())];
        new FloatMemory(labels.reshape(1, labels.length())).read(0, values.length, values);
        long predicted = 0;
        for (float label : values) {
            predicted += label >= 0 ? 1 : 0;
        }
        return predicted;
    }
}

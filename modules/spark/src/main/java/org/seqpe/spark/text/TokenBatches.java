package org.seqpe.spark.text;

import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.core.config.TrainConfig;
import org.seqpe.data.text.window.BatchPlan;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.StepData;

/**
 * The steps of a language model: features [accumulation x batch, T] token ids, labels the same one token further, as
 * {@link BatchPlan} orders them. Every JVM opens the split once. A task's steps share one DataSet, which is filled anew
 * for each.
 */
public final class TokenBatches implements ReplicaBatches {
    private static final long serialVersionUID = 1L;
    private static final Map<String, TokenSplit> OPEN = new ConcurrentHashMap<>();
    private final String dataset;
    private final String sha256;
    private final String split;
    private final int length;
    private final int batch;
    private final int accumulation;
    private final int replicas;
    private final long seed;

    /**
     * @param dataset Hadoop path with a scheme, the same for all machines
     * @param sha256 hash of its manifest, which every executor compares
     */
    public TokenBatches(String dataset, String sha256, String split, TrainConfig train, long seed) {
        this.dataset = dataset;
        this.sha256 = sha256;
        this.split = split;
        this.length = train.length();
        this.batch = train.batch();
        this.accumulation = train.accumulation();
        this.replicas = train.replicas();
        this.seed = seed;
    }

    /** @throws org.seqpe.core.UserException if the split cannot be opened or is too small */
    public BatchPlan plan() {
        TokenSplit tokens = OPEN.computeIfAbsent(dataset + "#" + split + "#" + sha256, key -> {
            TokenDataset opened = TokenDataset.open(dataset);
            opened.requireHash(sha256);
            return opened.split(split);
        });
        return new BatchPlan(tokens, length, replicas, accumulation, batch, seed);
    }

    @Override
    public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
        BatchPlan plan = plan();
        int[] inputs = new int[batch * length];
        int[] targets = new int[batch * length];
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
                for (int i = 0; i < accumulation; i++) {
                    plan.read(position, replica, i, inputs, targets);
                    for (int t = 0; t < inputs.length; t++) {
                        features[i * inputs.length + t] = inputs[t];
                        labels[i * inputs.length + t] = targets[t];
                    }
                }
                return step.fill(features, labels);
            }
        };
    }

    @Override
    public int rows() {
        return accumulation * batch;
    }

    /** Every position has a target. */
    @Override
    public long weight(DataSet step) {
        return step.getLabels().length();
    }
}

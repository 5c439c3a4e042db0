package org.seqpe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.dl4j.LayerSettings;

/**
 * One model and batch shape that is measured. Everything that is not named here is at its default, the SeqPE authors'
 * text recipe (reference.conf), except that nothing is dropped in the main model, so that two implementations can be
 * compared number by number.
 *
 * @param shiftRate probability of a step with shifted windows; read for SeqPE
 * @param threads that compute
 */
public record Workload(
        Encoding encoding,
        int layers,
        int width,
        int heads,
        int batch,
        int length,
        int vocabulary,
        double shiftRate,
        int threads) {
    /** Of weights, tokens and positions. */
    static final long SEED = 20260101;
    /** AdamW's decay of matrices and embeddings, GPT-2's usual value. */
    static final double WEIGHT_DECAY = 0.1;
    /** A constant rate: no warmup, whose first step would be 0. */
    static final double LEARNING_RATE = 3e-4;
    /** Bound of the gradient norm. */
    static final double CLIP = 1.0;

    public Workload withEncoding(Encoding other, double rate) {
        return new Workload(other, layers, width, heads, batch, length, vocabulary, rate, threads);
    }

    public Workload withVocabulary(int words) {
        return new Workload(encoding, layers, width, heads, batch, length, words, shiftRate, threads);
    }

    Workload withThreads(int other) {
        return new Workload(encoding, layers, width, heads, batch, length, vocabulary, shiftRate, other);
    }

    public Workload withBatchOf(int sequences, int tokens) {
        return new Workload(encoding, layers, width, heads, sequences, tokens, vocabulary, shiftRate, threads);
    }

    Workload withWidth(int channels, int headCount) {
        return new Workload(encoding, layers, channels, headCount, batch, length, vocabulary, shiftRate, threads);
    }

    /** Tokens of a step. */
    public long tokens() {
        return (long) batch * length;
    }

    /** The configuration of a run that trains this model. */
    RunConfig runConfig() {
        List<String> settings = new ArrayList<>(List.of(
                "name=bench",
                "seed=" + SEED,
                "data.path=none",
                "model.vocabulary=" + vocabulary,
                "model.width=" + width,
                "model.layers=" + layers,
                "model.heads=" + heads,
                "model.dropout=0",
                "model.position.encoding=" + encoding.name().toLowerCase(Locale.ROOT),
                "model.position.max-position=" + Math.max(20000, 2 * length),
                "objective.shift.rate=" + shiftRate,
                "objective.shift.groups=" + Math.min(batch, 16),
                "optimizer.learning-rate=" + LEARNING_RATE,
                "optimizer.weight-decay=" + WEIGHT_DECAY,
                "optimizer.position-weight-decay=" + WEIGHT_DECAY,
                "optimizer.clip=" + CLIP,
                "optimizer.position-clip=" + CLIP,
                "optimizer.schedule.shape=constant",
                "optimizer.schedule.warmup-steps=0",
                "train.length=" + length,
                "train.batch=" + batch));
        return ConfigReader.defaults(settings);
    }

    /** The same as the settings of a network. */
    LayerSettings settings() {
        return LayerSettings.of(runConfig());
    }

    /** Random tokens; each is followed by its target. */
    public Batch batch(int index) {
        RandomStream random = RandomStream.of(SEED, index);
        int[] tokens = new int[batch * length];
        int[] targets = new int[tokens.length];
        for (int b = 0; b < batch; b++) {
            int next = random.nextInt(vocabulary);
            for (int t = 0; t < length; t++) {
                tokens[b * length + t] = next;
                next = random.nextInt(vocabulary);
                targets[b * length + t] = next;
            }
        }
        return new Batch(tokens, targets);
    }

    /**
     * Floating-point operations of the matrix products of one forward pass of the main model; attention counts the
     * causal half only. A training step does three times as many.
     */
    public double forwardFlops() {
        double dense = 24.0 * width * width * layers + 2.0 * width * vocabulary;
        double attention = 2.0 * length * width * layers;
        return tokens() * (dense + attention);
    }

    /** In words, for tables. */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %d layers, width %d, %d heads, %d x %d tokens, vocabulary %d, %d thread%s",
                encoding.name().toLowerCase(Locale.ROOT),
                layers,
                width,
                heads,
                batch,
                length,
                vocabulary,
                threads,
                threads == 1 ? "" : "s");
    }

    /**
     * @param tokens [B * T]
     * @param targets [B * T]
     */
    public record Batch(int[] tokens, int[] targets) {}
}

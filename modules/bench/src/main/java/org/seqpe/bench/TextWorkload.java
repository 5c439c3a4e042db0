package org.seqpe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.random.RandomStream;

/**
 * A language model and its batches. Everything that is not named here is at its default, the SeqPE authors' text recipe
 * (reference.conf).
 *
 * @param shiftRate probability of a step with shifted windows; read for SeqPE
 * @param threads that compute
 */
public record TextWorkload(
        Encoding encoding,
        int layers,
        int width,
        int heads,
        int batch,
        int length,
        int vocabulary,
        double shiftRate,
        int threads)
        implements Workload {
    public TextWorkload withEncoding(Encoding other, double rate) {
        return new TextWorkload(other, layers, width, heads, batch, length, vocabulary, rate, threads);
    }

    public TextWorkload withVocabulary(int words) {
        return new TextWorkload(encoding, layers, width, heads, batch, length, words, shiftRate, threads);
    }

    TextWorkload withThreads(int other) {
        return new TextWorkload(encoding, layers, width, heads, batch, length, vocabulary, shiftRate, other);
    }

    public TextWorkload withBatchOf(int sequences, int tokens) {
        return new TextWorkload(encoding, layers, width, heads, sequences, tokens, vocabulary, shiftRate, threads);
    }

    TextWorkload withWidth(int channels, int headCount) {
        return new TextWorkload(encoding, layers, channels, headCount, batch, length, vocabulary, shiftRate, threads);
    }

    /** Tokens of a step. */
    public long tokens() {
        return (long) batch * length;
    }

    @Override
    public RunConfig runConfig() {
        List<String> settings = new ArrayList<>(COMMON);
        settings.addAll(shape());
        settings.addAll(List.of(
                "model.vocabulary=" + vocabulary,
                "model.position.max-position=" + Math.max(20000, 2 * length),
                "objective.shift.rate=" + shiftRate,
                "objective.shift.groups=" + Math.min(batch, 16),
                "train.length=" + length));
        return ConfigReader.defaults(settings);
    }

    /** Random tokens; each is followed by its target. */
    @Override
    public Batch.Tokens batch(int index) {
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
        return new Batch.Tokens(tokens, targets);
    }

    /** Attention counts the causal half only. */
    @Override
    public double forwardFlops() {
        double dense = 24.0 * width * width * layers + 2.0 * width * vocabulary;
        double attention = 2.0 * length * width * layers;
        return tokens() * (dense + attention);
    }

    @Override
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %d layers, width %d, %d heads, %d x %d tokens, vocabulary %d, %d thread%s",
                encodingName(),
                layers,
                width,
                heads,
                batch,
                length,
                vocabulary,
                threads,
                threads == 1 ? "" : "s");
    }

    @Override
    public List<String> options() {
        List<String> options = new ArrayList<>(commonOptions());
        options.addAll(List.of("--length", "" + length, "--vocabulary", "" + vocabulary));
        return options;
    }
}

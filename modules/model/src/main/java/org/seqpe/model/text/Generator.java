package org.seqpe.model.text;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.seqpe.compute.Device;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Task;
import org.seqpe.model.network.CachedModel;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.Parameters.Weight;

/**
 * Continues texts with a language model, token by token, with a key/value cache. Texts of different lengths are
 * continued together. Not thread-safe.
 */
public final class Generator {
    private final CachedModel model;
    private final TokenEmbedding embedding;
    private final LanguageHead head;
    private final PickedRows picked;
    private final RowBuffer logits;
    private final int vocabulary;
    private final int batchTokens;
    private float[] values = new float[0];

    /** Receives tokens as soon as they are chosen. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param text number of the text
         * @param token the one that follows what it has so far
         */
        void token(int text, int token);
    }

    /**
     * What to make.
     *
     * @param newTokens most tokens of a continuation
     * @param stop a token that ends a continuation, which does not contain it; negative for none
     * @param contextLength the length that is being evaluated; longer texts count themselves (a learned table is
     *     stretched to it)
     * @param choice how tokens are chosen
     */
    public record Settings(int newTokens, int stop, int contextLength, TokenChoice choice) {}

    /**
     * @param batchTokens most tokens of texts and continuations that are kept at once; a longer text is continued alone
     * @throws IllegalArgumentException if the model has another task
     */
    public Generator(TaskModel model, int batchTokens) {
        Task task = model.spec().task();
        if (!(task instanceof TextTask)) {
            throw new IllegalArgumentException(
                    "Cannot generate text: expected a model of texts, found one of " + task.name());
        }
        Device device = model.device();
        Weight table = model.parameters().weight(LanguageTask.EMBEDDING);
        this.model = new CachedModel(model);
        this.batchTokens = batchTokens;
        embedding = new TokenEmbedding(model.parameters(), device);
        head = new LanguageHead(device, table);
        picked = new PickedRows(device, Math.toIntExact(table.value().columns()));
        vocabulary = task.classes();
        logits = new RowBuffer(device, vocabulary);
    }

    /** The reason why the model cannot continue a text of so many tokens by so many; empty if it can. */
    public Optional<String> refusal(int tokens, int newTokens) {
        return model.refusal(capacity(tokens, newTokens));
    }

    /** The last token of a continuation is never read. */
    private static int capacity(int tokens, int newTokens) {
        return tokens + newTokens - 1;
    }

    /**
     * Continues texts.
     *
     * @param texts token ids, at least one of each
     * @return the continuations, in the order of the texts
     * @throws IllegalArgumentException if a text is empty or too long for the model; see {@link #refusal}
     */
    public int[][] generate(List<int[]> texts, Settings settings, Listener listener) {
        int[][] continuations = new int[texts.size()][];
        // Texts of similar length are read together, so that little is padding.
        int[] order = IntStream.range(0, texts.size())
                .boxed()
                .sorted(Comparator.comparing(i -> texts.get(i).length))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int first = 0, count; first < order.length; first += count) {
            count = 1;
            while (first + count < order.length
                    && (long) (count + 1) * capacity(texts.get(order[first + count]).length, settings.newTokens)
                            <= batchTokens) {
                count++;
            }
            generate(texts, Arrays.copyOfRange(order, first, first + count), settings, listener, continuations);
        }
        return continuations;
    }

    private void generate(
            List<int[]> texts, int[] numbers, Settings settings, Listener listener, int[][] continuations) {
        int count = numbers.length;
        int[][] made = new int[count][settings.newTokens];
        int[] lengths = new int[count];
        boolean[] ended = new boolean[count];
        int[] last = new int[count];
        read(texts, numbers, settings);
        for (int place = 0; place < settings.newTokens; place++) {
            boolean all = true;
            for (int i = 0; i < count; i++) {
                last[i] = settings.choice.choose(values, i * vocabulary, vocabulary, numbers[i], place);
                if (!ended[i]) {
                    ended[i] = last[i] == settings.stop;
                    if (!ended[i]) {
                        made[i][lengths[i]++] = last[i];
                        listener.token(numbers[i], last[i]);
                    }
                }
                all &= ended[i];
            }
            if (all || place == settings.newTokens - 1) {
                break;
            }
            embedding.begin(last, count);
            download(model.next(embedding::input), count);
        }
        for (int i = 0; i < count; i++) {
            continuations[numbers[i]] = Arrays.copyOf(made[i], lengths[i]);
        }
    }

    /** Reads texts, and leaves the logits after their last tokens. */
    private void read(List<int[]> texts, int[] numbers, Settings settings) {
        int count = numbers.length;
        int[] lengths = new int[count];
        int longest = 0;
        for (int i = 0; i < count; i++) {
            lengths[i] = texts.get(numbers[i]).length;
            longest = Math.max(longest, lengths[i]);
            if (lengths[i] == 0) {
                throw new IllegalArgumentException("Cannot continue a text: expected at least one token, found none");
            }
        }
        model.begin(count, capacity(longest, settings.newTokens), settings.contextLength);
        int[] tokens = new int[count * longest];
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            System.arraycopy(texts.get(numbers[i]), 0, tokens, i * longest, lengths[i]);
            ends[i] = i * longest + lengths[i] - 1;
        }
        embedding.begin(tokens, tokens.length);
        picked.begin(ends, count);
        download(picked.of(model.read(0, lengths, longest, embedding::input)), count);
    }

    private void download(Tensor hidden, int count) {
        Tensor out = logits.rows(count);
        head.logits(hidden, out);
        int size = count * vocabulary;
        if (values.length < size) {
            values = new float[size];
        }
        out.download(0, values, 0, size);
    }
}

package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.network.CachedModel;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.task.Tasks;
import org.seqpe.model.text.Generator;
import org.seqpe.model.text.LanguageHead;
import org.seqpe.model.text.LanguageTask;
import org.seqpe.model.text.SampledChoice;
import org.seqpe.model.text.TokenChoice;
import org.seqpe.model.text.TokenEmbedding;

/** Generation with a cache against reading everything anew for each token. */
class GeneratorTest {
    private static final int NONE = -1;

    private static TestLanguageModel model(Encoding encoding, Apply apply, Projection projection, Device device) {
        ModelSpec spec = Tasks.spec(ModelFixtures.model(encoding, apply, projection, 0), ModelFixtures.LENGTH);
        Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
        parameters.initialize(3);
        return new TestLanguageModel(spec, ModelFixtures.objective(), parameters, device);
    }

    private static Generator.Settings greedy(int tokens, int context) {
        return new Generator.Settings(tokens, NONE, context, TokenChoice.greedy());
    }

    /** The most probable continuation, token by token, without a cache. */
    private static int[] slowly(TestLanguageModel model, int[] text, int newTokens, int context) {
        int[] all = text;
        for (int i = 0; i < newTokens; i++) {
            float[] logits = model.logits(all, 1, all.length, Math.max(all.length, context))
                    .toArray();
            int token = TokenChoice.greedy()
                    .choose(logits, (all.length - 1) * ModelFixtures.VOCABULARY, ModelFixtures.VOCABULARY, 0, i);
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = token;
        }
        return Arrays.copyOfRange(all, text.length, all.length);
    }

    /**
     * Logits of rows that are read one by one, against those of one pass over all of them. Sums are in another order,
     * so they differ by a few roundings of float32.
     */
    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_SCALAR,SINGLE",
        "SEQPE,ATTN_SCALAR,MULTI",
        "SEQPE,ATTN_SCALAR,NONE",
        "SEQPE,ATTN_MUL,MULTI",
        "SEQPE,ATTN_ADD,SINGLE",
        "SEQPE,INPUT_ADD,NONE",
        "ROPE,ATTN_SCALAR,SINGLE",
        "ALIBI,ATTN_SCALAR,SINGLE",
        "SINUSOIDAL,ATTN_SCALAR,SINGLE",
        "LEARNED,ATTN_SCALAR,SINGLE",
        "NONE,ATTN_SCALAR,SINGLE"
    })
    void rowsReadOneByOneAreThoseOfOnePass(Encoding encoding, Apply apply, Projection projection) {
        try (Device device = new CpuDevice(2)) {
            requireRowsAsInOnePass(encoding, apply, projection, device);
        }
    }

    @ParameterizedTest
    @CsvSource({"SEQPE,ATTN_MUL,MULTI", "ALIBI,ATTN_SCALAR,SINGLE"})
    void rowsReadOneByOneAreThoseOfOnePassOnEveryDevice(Encoding encoding, Apply apply, Projection projection) {
        TestDevices.each(device -> requireRowsAsInOnePass(encoding, apply, projection, device));
    }

    private static void requireRowsAsInOnePass(Encoding encoding, Apply apply, Projection projection, Device device) {
        TestLanguageModel model = model(encoding, apply, projection, device);
        CachedModel cached = new CachedModel(model.model());
        TokenEmbedding embedding = new TokenEmbedding(model.parameters(), device);
        LanguageHead head = new LanguageHead(device, model.parameters().weight(LanguageTask.EMBEDDING));
        // Longer than the trained table of 9 rows, which is stretched.
        int length = 17;
        int[] read = {5, 12};
        int[][] texts = {ModelFixtures.tokens(1, length), ModelFixtures.tokens(2, length)};
        float[][] whole = new float[2][];
        for (int b = 0; b < 2; b++) {
            whole[b] = model.logits(texts[b], 1, length, length).toArray();
        }
        cached.begin(2, length, length);
        int[] padded = new int[2 * 12];
        System.arraycopy(texts[0], 0, padded, 0, 5);
        System.arraycopy(texts[1], 0, padded, 12, 12);
        embedding.begin(padded, padded.length);
        cached.read(0, read, 12, embedding::input);
        for (int step = 0; step < length - 12; step++) {
            embedding.begin(new int[] {texts[0][5 + step], texts[1][12 + step]}, 2);
            float[] logits = head.logits(cached.next(embedding::input)).toArray();
            for (int b = 0; b < 2; b++) {
                int row = read[b] + step;
                for (int v = 0; v < ModelFixtures.VOCABULARY; v++) {
                    assertThat(logits[b * ModelFixtures.VOCABULARY + v])
                            .as("logit %d after row %d of text %d", v, row, b)
                            .isCloseTo(whole[b][row * ModelFixtures.VOCABULARY + v], within(2e-5f));
                }
            }
        }
        assertThat(cached.lengths()).containsExactly(10, 17);
    }

    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_SCALAR,SINGLE",
        "SEQPE,ATTN_MUL,MULTI",
        "ROPE,ATTN_SCALAR,SINGLE",
        "ALIBI,ATTN_SCALAR,SINGLE",
        "LEARNED,ATTN_SCALAR,SINGLE"
    })
    void textsOfDifferentLengthsAreContinuedTogetherAsEachAlone(Encoding encoding, Apply apply, Projection projection) {
        try (Device device = new CpuDevice(2)) {
            TestLanguageModel model = model(encoding, apply, projection, device);
            List<int[]> texts = new ArrayList<>();
            for (int length : new int[] {7, 1, 30, 12, 3}) {
                texts.add(ModelFixtures.tokens(length, length));
            }
            int context = 60;
            for (int batchTokens : new int[] {1, 80, 10_000}) {
                Generator generator = new Generator(model.model(), batchTokens);
                int[][] found = generator.generate(texts, greedy(8, context), (text, token) -> {});
                for (int i = 0; i < texts.size(); i++) {
                    assertThat(found[i])
                            .as("text %d with batches of %d tokens", i, batchTokens)
                            .containsExactly(slowly(model, texts.get(i), 8, context));
                }
            }
        }
    }

    @Test
    void continuationsEndAtTheEndToken() {
        try (Device device = new CpuDevice(1)) {
            TestLanguageModel model = model(Encoding.ROPE, Apply.ATTN_SCALAR, Projection.SINGLE, device);
            int[] text = ModelFixtures.tokens(4, 6);
            int[] whole = slowly(model, text, 9, 0);
            int stop = whole[4];
            int first = 0;
            while (whole[first] != stop) {
                first++;
            }
            List<Integer> heard = new ArrayList<>();
            int[][] found = new Generator(model.model(), 1000)
                    .generate(
                            List.of(text),
                            new Generator.Settings(9, stop, 0, TokenChoice.greedy()),
                            (number, token) -> heard.add(token));
            assertThat(found[0]).containsExactly(Arrays.copyOf(whole, first));
            assertThat(heard)
                    .containsExactlyElementsOf(Arrays.stream(found[0]).boxed().toList());
        }
    }

    @Test
    void drawsDependOnSeedTextAndPlaceAlone() {
        try (Device device = new CpuDevice(2)) {
            TestLanguageModel model = model(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE, device);
            List<int[]> texts = List.of(ModelFixtures.tokens(1, 4), ModelFixtures.tokens(2, 9));
            Generator.Settings settings = new Generator.Settings(12, NONE, 0, new SampledChoice(1.5, 0, 1, 7));
            int[][] together = new Generator(model.model(), 1000).generate(texts, settings, (text, token) -> {});
            int[][] apart = new Generator(model.model(), 1).generate(texts, settings, (text, token) -> {});
            assertThat(together).isDeepEqualTo(apart);
            int[][] otherSeed = new Generator(model.model(), 1000)
                    .generate(
                            texts,
                            new Generator.Settings(12, NONE, 0, new SampledChoice(1.5, 0, 1, 8)),
                            (text, token) -> {});
            assertThat(otherSeed).isNotEqualTo(together);
        }
    }

    @Test
    void textsThatCannotBeReadAreRefused() {
        try (Device device = new CpuDevice(1)) {
            TestLanguageModel model = model(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE, device);
            Generator generator = new Generator(model.model(), 1000);
            assertThat(generator.refusal(490, 11)).isEmpty();
            assertThat(generator.refusal(490, 12))
                    .hasValueSatisfying(
                            reason -> assertThat(reason).contains("501").contains("max-position"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> generator.generate(List.of(new int[0]), greedy(2, 0), (text, token) -> {}))
                    .withMessageContaining("at least one token");
        }
    }
}

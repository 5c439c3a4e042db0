package org.seqpe.evaluation.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.ShardWriter;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

class SplitTokensTest {
    @TempDir
    private Path folder;

    private TokenDataset dataset(String tokenizerId, String... documents) {
        Tokenizer tokenizer = Tokenizers.of(tokenizerId);
        TokenType type = TokenType.of(tokenizer.vocabularySize());
        ShardInfo shard;
        try (ShardWriter writer = new ShardWriter(folder.resolve("test-0").toString(), type)) {
            for (String document : documents) {
                int[] ids = tokenizer.encode(document);
                int[] separated = Arrays.copyOf(ids, ids.length + 1);
                separated[ids.length] = tokenizer.endOfText();
                writer.add(separated, TextCounts.of(document.getBytes(StandardCharsets.UTF_8)));
            }
            shard = writer.finish("test-0");
        }
        TreeMap<String, DatasetManifest.Split> splits = new TreeMap<>();
        splits.put(
                "test",
                new DatasetManifest.Split(
                        shard.documents(), shard.tokens(), shard.text(), new TreeMap<>(), List.of(shard)));
        DatasetManifest manifest = new DatasetManifest(
                DatasetManifest.FORMAT_VERSION,
                new DatasetManifest.Corpus(
                        "text", "tiny", 1, shard.text().bytes(), "named", new TreeMap<>(), new TreeMap<>()),
                new DatasetManifest.TokenizerInfo(
                        tokenizerId, tokenizer.hash(), tokenizer.vocabularySize(), tokenizer.endOfText()),
                tokenizer.endOfText(),
                type,
                splits);
        HadoopFiles.writeAtomically(folder.resolve(DatasetManifest.FILE).toString(), manifest.toJson());
        return TokenDataset.open(folder.toString());
    }

    @Test
    void aWholeSplitHasTheTextOfItsManifest() {
        TokenDataset dataset = dataset("gpt2", "The quick fox", "na\u00efve caf\u00e9 \u4e2d\u6587");
        try (TokenSplit split = dataset.split("test")) {
            SplitTokens tokens = new SplitTokens(split, dataset.tokenizer(), 0);
            assertThat(tokens.tokens()).isEqualTo(split.tokens());
            // 13 + 19 bytes: i and e with marks are two bytes, the two ideographs three each.
            assertThat(tokens.counts()).isEqualTo(new TextCounts(6, 32, 26));
            // " quick", " fox", " caf" and the space before the ideographs.
            assertThat(tokens.spaceTokens()).isEqualTo(4);
            int[] read = new int[6];
            tokens.read(0, read, 1, 3);
            assertThat(dataset.tokenizer().decode(Arrays.copyOfRange(read, 1, 4)))
                    .isEqualTo("The quick fox");
        }
    }

    /** Tokens are counted in parts of 65,536. */
    @Test
    void countsTheSpacesOfALongSplit() {
        int words = 3 * 65536 / 4 + 5;
        TokenDataset dataset = dataset("bytes", "abc ".repeat(words));
        try (TokenSplit split = dataset.split("test")) {
            assertThat(new SplitTokens(split, dataset.tokenizer(), 0).spaceTokens())
                    .isEqualTo(words);
            assertThat(new SplitTokens(split, dataset.tokenizer(), 2 * 65536 + 4).spaceTokens())
                    .isEqualTo(2 * 65536 / 4 + 1);
        }
    }

    @Test
    void theBeginningOfASplitHasItsOwnTextAndEndsThere() {
        TokenDataset dataset = dataset("bytes", "ab cd ef", "gh");
        try (TokenSplit split = dataset.split("test")) {
            SplitTokens tokens = new SplitTokens(split, dataset.tokenizer(), 5);
            assertThat(tokens.tokens()).isEqualTo(5);
            assertThat(tokens.counts()).isEqualTo(new TextCounts(2, 5, 5));
            assertThat(tokens.spaceTokens()).isEqualTo(1);
            assertThatThrownBy(() -> tokens.read(3, new int[3], 0, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("first 5");
            assertThat(new SplitTokens(split, dataset.tokenizer(), 1000).tokens())
                    .isEqualTo(split.tokens());
        }
    }
}

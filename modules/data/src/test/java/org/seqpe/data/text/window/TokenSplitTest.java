package org.seqpe.data.text.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.UserException;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

class TokenSplitTest {
    private static final List<String> FIRST =
            List.of("The tide went out at noon.\n", "Größe zählt nicht, sagte er — дважды.\n");
    private static final List<String> SECOND = List.of("One\u00a0more line\n", "And the last document of all.");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "gpt2"})
    void tokensReadBackAcrossShardsFromEveryPosition(String tokenizerId) {
        TokenDataset dataset = TinyDataset.write(folder, tokenizerId, List.of(FIRST, SECOND));
        Tokenizer tokenizer = dataset.tokenizer();
        try (TokenSplit split = dataset.split("train")) {
            int n = (int) split.tokens();
            int[] all = new int[n];
            split.read(0, all, 0, n);
            String end = tokenizerId.equals("bytes") ? "\0" : "";
            assertThat(tokenizer.decode(all))
                    .isEqualTo(FIRST.get(0) + end + FIRST.get(1) + end + SECOND.get(0) + end + SECOND.get(1) + end);
            for (int from = 0; from < n; from++) {
                int[] part = new int[n - from + 2];
                split.read(from, part, 1, n - from);
                for (int i = from; i < n; i++) {
                    assertThat(part[1 + i - from]).isEqualTo(all[i]);
                }
            }
            assertThatThrownBy(() -> split.read(n - 1, all, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "gpt2"})
    void countsOfTheFirstTokensAreThoseOfTheirText(String tokenizerId) {
        TokenDataset dataset = TinyDataset.write(folder, tokenizerId, List.of(FIRST, SECOND));
        Tokenizer tokenizer = Tokenizers.of(tokenizerId);
        try (TokenSplit split = dataset.split("train")) {
            int position = 0;
            TextCounts before = TextCounts.ZERO;
            for (String document : List.of(FIRST.get(0), FIRST.get(1), SECOND.get(0), SECOND.get(1))) {
                int[] ids = tokenizer.encode(document);
                for (int i = 0; i <= ids.length; i++) {
                    assertThat(split.countsUpTo(position + i))
                            .isEqualTo(before.plus(TextCounts.of(tokenizer.decodeBytes(ids, 0, i))));
                }
                before = before.plus(TextCounts.of(document.getBytes(StandardCharsets.UTF_8)));
                position += ids.length + 1;
                assertThat(split.countsUpTo(position)).isEqualTo(before);
            }
            assertThat(split.counts()).isEqualTo(before);
            assertThat(split.tokens()).isEqualTo(position);
        }
    }

    @Test
    void theIndexIsMegatrons() throws IOException {
        TinyDataset.write(folder, "gpt2", List.of(List.of("Hello, world!", "Hello")));
        ByteBuffer idx = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("train-0.idx")))
                .order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[9];
        idx.get(magic);
        assertThat(magic).isEqualTo("MMIDIDX\0\0".getBytes(StandardCharsets.US_ASCII));
        assertThat(idx.getLong()).as("version").isEqualTo(1);
        assertThat(idx.get()).as("uint16").isEqualTo((byte) 8);
        assertThat(idx.getLong()).as("sequences").isEqualTo(2);
        assertThat(idx.getLong()).as("document index").isEqualTo(3);
        assertThat(new int[] {idx.getInt(), idx.getInt()}).as("lengths").containsExactly(5, 2);
        assertThat(new long[] {idx.getLong(), idx.getLong()}).as("pointers").containsExactly(0, 10);
        assertThat(new long[] {idx.getLong(), idx.getLong(), idx.getLong()})
                .as("documents")
                .containsExactly(0, 1, 2);
        assertThat(idx.hasRemaining()).isFalse();
        // "Hello, world!" is 15496 11 995 0 in GPT-2's vocabulary, and 50256 ends each text.
        ByteBuffer bin = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("train-0.bin")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int[] tokens = new int[7];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = Short.toUnsignedInt(bin.getShort());
        }
        assertThat(tokens).containsExactly(15496, 11, 995, 0, 50256, 15496, 50256);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bin", "idx", "counts"})
    void aTruncatedFileIsNamedWithBothLengths(String extension) throws IOException {
        TokenDataset dataset = TinyDataset.write(folder, "bytes", List.of(FIRST, SECOND));
        Path file = folder.resolve("train-1." + extension);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> dataset.split("train"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("expected " + whole.length)
                .hasMessageContaining("found " + (whole.length - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bin", "idx", "counts"})
    void aMissingFileIsNamed(String extension) throws IOException {
        TokenDataset dataset = TinyDataset.write(folder, "bytes", List.of(FIRST));
        Files.delete(folder.resolve("train-0." + extension));
        assertThatThrownBy(() -> dataset.split("train"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train-0." + extension);
    }

    @Test
    void aChangedByteIsFoundByTheHash() throws IOException {
        TokenDataset dataset = TinyDataset.write(folder, "bytes", List.of(FIRST, SECOND));
        dataset.verify();
        Path file = folder.resolve("train-1.bin");
        byte[] bytes = Files.readAllBytes(file);
        bytes[3] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(dataset::verify)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train-1.bin")
                .hasMessageContaining("sha256");
    }

    @Test
    void anIndexWithoutItsMagicIsRefused() throws IOException {
        TokenDataset dataset = TinyDataset.write(folder, "bytes", List.of(FIRST));
        Path file = folder.resolve("train-0.idx");
        byte[] bytes = Files.readAllBytes(file);
        bytes[0] = 'X';
        Files.write(file, bytes);
        assertThatThrownBy(() -> dataset.split("train"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train-0.idx");
    }

    @Test
    void dataOtherThanTheRunsIsRefused() throws IOException {
        TokenDataset dataset = TinyDataset.write(folder, "bytes", List.of(FIRST));
        String hash = dataset.hash();
        TokenDataset.open(folder.toString()).requireHash(hash);
        Files.writeString(folder.resolve("manifest.json"), "\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> TokenDataset.open(folder.toString()).requireHash(hash))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(hash);
    }

    @Test
    void manifestsThatCannotBeReadAreRefusedWithThePlace() throws IOException {
        assertThatThrownBy(() -> TokenDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("seqpe prepare");
        TinyDataset.write(folder, "bytes", List.of(FIRST));
        Path file = folder.resolve("manifest.json");
        String manifest = Files.readString(file);
        Files.writeString(file, manifest.replace("\"tokens\"", "\"tokenz\""));
        assertThatThrownBy(() -> TokenDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("line")
                .hasMessageContaining("'tokens'");
        assertThat(manifest).contains("\"skipped\" : { }");
        Files.writeString(file, manifest.replace("\"skipped\" : { }", "\"skipped\" : null"));
        assertThatThrownBy(() -> TokenDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("skipped");
        Files.writeString(file, manifest.substring(0, manifest.length() / 2));
        assertThatThrownBy(() -> TokenDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("line");
        Files.writeString(file, manifest.replace("\"formatVersion\" : 1", "\"formatVersion\" : 7"));
        assertThatThrownBy(() -> TokenDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("formatVersion")
                .hasMessageContaining("7");
    }

    @Test
    void anUnknownSplitIsRefusedWithThoseThereAre() {
        TokenDataset dataset = TinyDataset.write(folder, "bytes", List.of(FIRST));
        assertThatThrownBy(() -> dataset.split("test"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("'test'")
                .hasMessageContaining("train");
    }
}

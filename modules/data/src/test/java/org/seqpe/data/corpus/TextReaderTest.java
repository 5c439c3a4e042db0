package org.seqpe.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.data.corpus.InputFile.Region;

/** Texts of several documents, which are longer than the buffer that files are read with. */
class TextReaderTest {
    private static final int DOCUMENT = 100_000;
    private static final int PATIENCE = 1000;

    @TempDir
    private Path folder;

    private final List<String> splits = new ArrayList<>();

    /** The documents; each says where its first byte was found. */
    private List<String> documents(String text, Region... regions) throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), text);
        List<String> documents = new ArrayList<>();
        List<Long> starts = new ArrayList<>();
        new TextReader(DOCUMENT, PATIENCE)
                .read(
                        new InputFile(file.toString(), "a.txt", Files.size(file), "train", List.of(regions)),
                        document -> {
                            documents.add(new String(document.text(), StandardCharsets.UTF_8));
                            splits.add(document.split());
                            starts.add(Long.parseLong(document.place().of(0).replaceAll(".*byte ", "")));
                        });
        assertThat(String.join("", documents)).as("nothing is lost").isEqualTo(text);
        long start = 0;
        for (int i = 0; i < documents.size(); i++) {
            assertThat(starts.get(i)).as("start of document %d", i).isEqualTo(start);
            start += documents.get(i).getBytes(StandardCharsets.UTF_8).length;
        }
        return documents;
    }

    private static void assertLengths(List<String> documents, int most) {
        assertThat(documents).hasSizeGreaterThan(3);
        for (String document : documents.subList(0, documents.size() - 1)) {
            assertThat(document.getBytes(StandardCharsets.UTF_8).length).isBetween(DOCUMENT, most);
        }
        assertThat(documents.get(documents.size() - 1).getBytes(StandardCharsets.UTF_8).length)
                .isLessThan(DOCUMENT);
    }

    @Test
    void longTextsAreCutAfterTheFirstBlankLine() throws IOException {
        List<String> documents = documents("A line of text\nand another.\n\n".repeat(11_234));
        assertThat(documents).allMatch(document -> document.startsWith("A line") && document.endsWith(".\n\n"));
        assertLengths(documents, DOCUMENT + 30);
    }

    @Test
    void withoutBlankLinesAfterALineAndWithoutLinesAfterASpace() throws IOException {
        List<String> lines = documents("A line of text\n".repeat(22_345));
        assertThat(lines).allMatch(document -> document.startsWith("A line") && document.endsWith("text\n"));
        assertLengths(lines, DOCUMENT + PATIENCE + 15);
        List<String> words = documents("word ".repeat(70_001));
        assertThat(words).allMatch(document -> document.startsWith("word") && document.endsWith("word "));
        assertLengths(words, DOCUMENT + 2 * PATIENCE + 5);
    }

    /** Languages that are written without spaces, and data that is no language. */
    @Test
    void withoutSpacesBetweenTwoCharacters() throws IOException {
        List<String> documents = documents("\u4e2d\u6587".repeat(60_007));
        assertThat(documents).noneMatch(document -> document.contains("\ufffd"));
        assertLengths(documents, DOCUMENT + 3 * PATIENCE + 3);
    }

    @Test
    void regionsOfATextWithoutSpaces() throws IOException {
        List<String> documents =
                documents("\u4e2d\u6587".repeat(10_000), new Region("train", 50_000), new Region("test", 60_000));
        assertThat(splits).containsExactly("train", "test");
        assertThat(documents.get(0).getBytes(StandardCharsets.UTF_8).length)
                .isBetween(50_000 + 3 * PATIENCE, 50_000 + 3 * PATIENCE + 3);
    }

    @Test
    void longRegionsAreCutToo() throws IOException {
        List<String> documents = documents(
                "A line of text\nand another.\n\n".repeat(15_000),
                new Region("train", 250_000),
                new Region("test", 435_000));
        assertThat(splits).containsExactly("train", "train", "train", "test", "test");
        assertThat(String.join("", documents.subList(0, 3)).length()).isBetween(250_000, 250_000 + 29);
    }
}

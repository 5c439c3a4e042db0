package org.seqpe.data.text.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.seqpe.data.text.window.TextBlocks.Block;

/**
 * The blocks of the authors' script, from golden cases of kind text_blocks: those of {@code -Dseqpe.golden=DIR}
 * (relative to where Maven was started) or of src/test/resources/golden.
 */
class TextBlocksGoldenTest {
    private static final long NO_LABEL = -100;
    private static final Pattern HEADER = Pattern.compile("'descr': '<i([48])'.*'shape': \\((\\d+),(?: (\\d+))?\\)");

    @Test
    void blocksLabelsAndMasksAreTheReferences() throws IOException {
        List<Path> archives = new ArrayList<>();
        List<JsonNode> cases = new ArrayList<>();
        Path folder = goldenFolder();
        for (JsonNode golden : new ObjectMapper()
                .readTree(folder.resolve("manifest.json").toFile())
                .path("cases")) {
            if (golden.path("kind").asText().equals("text_blocks")) {
                for (JsonNode config : golden.path("config").path("cases")) {
                    archives.add(folder.resolve(golden.path("file").asText()));
                    cases.add(config);
                }
            }
        }
        assumeFalse(cases.isEmpty(), "no golden case of kind text_blocks in " + folder);
        for (int i = 0; i < cases.size(); i++) {
            try (ZipFile archive = new ZipFile(archives.get(i).toFile())) {
                check(archive, cases.get(i));
            }
        }
    }

    private static void check(ZipFile archive, JsonNode config) throws IOException {
        String k = config.path("k").asText();
        long[] stream = read(archive, "in/stream_" + k)[0];
        List<Block> blocks = TextBlocks.of(
                stream.length,
                config.path("block_size").asInt(),
                config.path("stride").asInt(),
                config.path("drop_last").asBoolean(),
                TextBlocks.Rule.REFERENCE);
        assertThat(blocks.stream().mapToLong(Block::length).toArray())
                .as("case %s", config)
                .containsExactly(read(archive, "out/block_lens_" + k)[0]);
        if (blocks.isEmpty()) {
            return;
        }
        long[][] tokens = read(archive, "out/tokens_" + k);
        long[][] labels = read(archive, "out/labels_" + k);
        long[][] mask = read(archive, "out/attention_mask_" + k);
        for (int row = 0; row < blocks.size(); row++) {
            Block block = blocks.get(row);
            // The script pads rows to the longest one; only what the mask admits is the block.
            assertThat(Arrays.copyOf(tokens[row], block.length()))
                    .isEqualTo(Arrays.copyOfRange(stream, block.start(), block.end()));
            for (int i = 0; i < labels[row].length; i++) {
                long next = block.start() + i + 1 < stream.length && i < block.length()
                        ? stream[block.start() + i + 1]
                        : NO_LABEL;
                assertThat(labels[row][i])
                        .as("case %s, label %s of block %s", config, i, row)
                        .isEqualTo(next);
                assertThat(mask[row][i]).isEqualTo(i < block.length() ? 1 : 0);
            }
        }
    }

    private static Path goldenFolder() throws IOException {
        String named = System.getProperty("seqpe.golden", "");
        return named.isBlank()
                ? Path.of("src/test/resources/golden")
                : Path.of(System.getProperty("seqpe.start.dir", "")).resolve(named);
    }

    /** An integer array of one or two dimensions as rows (NPY format version 1, C order, little-endian). */
    private static long[][] read(ZipFile archive, String name) throws IOException {
        ByteBuffer npy = ByteBuffer.wrap(
                        archive.getInputStream(archive.getEntry(name + ".npy")).readAllBytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        int headerLength = npy.getShort(8);
        Matcher header = HEADER.matcher(new String(npy.array(), 10, headerLength, StandardCharsets.US_ASCII));
        assertThat(header.find()).as("header of %s", name).isTrue();
        int first = Integer.parseInt(header.group(2));
        boolean matrix = header.group(3) != null;
        long[][] rows = new long[matrix ? first : 1][matrix ? Integer.parseInt(header.group(3)) : first];
        npy.position(10 + headerLength);
        for (long[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] = header.group(1).equals("8") ? npy.getLong() : npy.getInt();
            }
        }
        return rows;
    }
}

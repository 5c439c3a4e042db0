package org.seqpe.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.seqpe.core.UserException;
import org.seqpe.data.text.encoding.TextCounts;

/** Shards of more tokens than a mapping, and than the writer's buffer, holds. */
class TokenFileTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void readsCrossMappings(TokenType type) {
        String path = folder.resolve("x").toString();
        int[] tokens = IntStream.range(0, 75).map(i -> i * 641 % 65_500).toArray();
        try (ShardWriter writer = new ShardWriter(path, type)) {
            writer.add(tokens, TextCounts.ZERO);
            writer.finish("x");
        }
        // Four mappings or more, the last of which is shorter.
        try (TokenFile file = TokenFile.open(path + ".bin", tokens.length, type, 32 * type.bytes() / 2)) {
            for (int from = 0; from < tokens.length; from++) {
                for (int count = 0; count <= tokens.length - from; count++) {
                    int[] read = new int[count + 1];
                    file.read(from, read, 1, count);
                    assertThat(Arrays.copyOfRange(read, 1, count + 1))
                            .as("%d from %d", count, from)
                            .isEqualTo(Arrays.copyOfRange(tokens, from, from + count));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void documentsMayBeLongerThanTheWritersBuffer(TokenType type) {
        int length = 3 * (1 << 16) / type.bytes() + 7;
        int[] tokens = IntStream.range(0, length).map(i -> i * 641 % 65_500).toArray();
        String part = folder.resolve("part").toString();
        ShardInfo info;
        try (ShardWriter writer = new ShardWriter(part, type)) {
            writer.add(new int[] {5}, TextCounts.ZERO);
            writer.add(tokens, TextCounts.ZERO);
            info = writer.finish("part");
        }
        String joined = folder.resolve("joined").toString();
        try (ShardWriter writer = new ShardWriter(joined, type)) {
            writer.addAll(part, info);
            writer.addAll(part, info);
            info = writer.finish("joined");
        }
        ShardIndex index = ShardIndex.read(joined, info, type);
        assertThat(IntStream.range(0, index.documents()).map(index::size)).containsExactly(1, length, 1, length);
        try (TokenFile file = TokenFile.open(joined + ".bin", info.tokens(), type)) {
            int[] read = new int[length];
            for (int copy = 0; copy < 2; copy++) {
                file.read(1 + (long) copy * (length + 1), read, 0, length);
                assertThat(read).isEqualTo(tokens);
            }
        }
    }

    @Test
    void moreDocumentsThanAnIndexHoldsAreRefused() {
        StoredFile none = new StoredFile(0, "");
        ShardInfo info = new ShardInfo("x", 200_000_000, 400_000_000, TextCounts.ZERO, none, none, none);
        assertThatThrownBy(() -> ShardIndex.read(folder.resolve("x").toString(), info, TokenType.UINT16))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("x.idx", "found 200000000", "--shard-tokens");
    }
}

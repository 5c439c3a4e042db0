package org.seqpe.data.text.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.shard.ShardWriter;
import org.seqpe.data.shard.TokenFile;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;

/** Reading tokens from a file system that is not the local disk, where they are fetched in blocks instead of mapped. */
class RemoteReadTest {
    @TempDir
    private Path folder;

    /** The local disk behind a scheme of its own. */
    public static final class Elsewhere extends FilterFileSystem {
        public Elsewhere() {
            super(new RawLocalFileSystem());
        }

        @Override
        public String getScheme() {
            return "elsewhere";
        }

        @Override
        public URI getUri() {
            return URI.create("elsewhere:///");
        }

        @Override
        protected void checkPath(org.apache.hadoop.fs.Path path) {}

        @Override
        public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize) throws IOException {
            return fs.open(new org.apache.hadoop.fs.Path(path.toUri().getPath()), bufferSize);
        }

        @Override
        public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
            return fs.getFileStatus(new org.apache.hadoop.fs.Path(path.toUri().getPath()));
        }
    }

    @BeforeEach
    void addScheme() {
        Configuration configuration = new Configuration();
        configuration.setClass("fs.elsewhere.impl", Elsewhere.class, FileSystem.class);
        HadoopFiles.use(configuration);
    }

    @AfterEach
    void removeScheme() {
        HadoopFiles.use(new Configuration());
    }

    /** More blocks than are kept: those that had to go are fetched again. */
    @Test
    void aFileOfMoreBlocksThanAreKept() {
        int[] tokens = IntStream.range(0, 300 << 15).map(i -> i % 65_497).toArray();
        try (ShardWriter writer = new ShardWriter(folder.resolve("x").toString(), TokenType.UINT16)) {
            writer.add(tokens, TextCounts.ZERO);
            writer.finish("x");
        }
        try (TokenFile file =
                TokenFile.open("elsewhere://" + folder.resolve("x.bin"), tokens.length, TokenType.UINT16)) {
            int[] read = new int[tokens.length];
            for (int round = 0; round < 2; round++) {
                Arrays.fill(read, -1);
                file.read(0, read, 0, read.length);
                assertThat(Arrays.mismatch(read, tokens))
                        .as("first token that differs")
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void blocksGiveTheSameTokensAsTheMappedFileToManyThreads() {
        // Several blocks of 64 KiB, so that documents and reads cross them.
        String text = String.join("", Collections.nCopies(12_000, "Forty-five bytes of text that cross a block.\n"));
        TokenDataset local = TinyDataset.write(folder, "gpt2", List.of(List.of(text, "short"), List.of("and more")));
        TokenDataset remote = TokenDataset.open("elsewhere://" + folder);
        assertThat(remote.hash()).isEqualTo(local.hash());
        try (TokenSplit mapped = local.split("train");
                TokenSplit fetched = remote.split("train")) {
            int n = (int) mapped.tokens();
            assertThat(n * 2).isGreaterThan(3 << 16);
            int[] expected = new int[n];
            mapped.read(0, expected, 0, n);
            IntStream.range(0, 400).parallel().forEach(i -> {
                RandomStream random = new RandomStream(i);
                int from = random.nextInt(n);
                int count = random.nextInt(Math.min(n - from, 40_000) + 1);
                int[] part = new int[count];
                fetched.read(from, part, 0, count);
                assertThat(part).isEqualTo(Arrays.copyOfRange(expected, from, from + count));
            });
            assertThat(fetched.countsUpTo(n - 1)).isEqualTo(mapped.countsUpTo(n - 1));
        }
    }
}

package org.seqpe.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;

class HadoopFilesTest {
    @TempDir
    Path folder;

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void writesReplaceTheOldContentAndLeaveNothingElse() throws IOException {
        HadoopFiles.writeAtomically(path("a/b.txt"), "one");
        HadoopFiles.writeAtomically("file://" + path("a/b.txt"), "zwei ü");
        assertThat(HadoopFiles.readString(path("a/b.txt"))).isEqualTo("zwei ü");
        try (var all = Files.list(folder.resolve("a"))) {
            assertThat(all).containsExactly(folder.resolve("a/b.txt"));
        }
    }

    @Test
    void aWriterThatFailsLeavesTheOldContent() throws IOException {
        HadoopFiles.writeAtomically(path("a.txt"), "old");
        assertThatThrownBy(() -> HadoopFiles.writeAtomically(path("a.txt"), out -> {
            out.write(new byte[5_000_000]);
            throw new IOException("No space left on device");
        })).hasMessageContainingAll(path("a.txt"), "No space left on device");
        assertThat(HadoopFiles.readString(path("a.txt"))).isEqualTo("old");
        try (var all = Files.list(folder)) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void listsSortedWithLengths() throws IOException {
        Files.createDirectory(folder.resolve("b"));
        Files.writeString(folder.resolve("c"), "123");
        Files.writeString(folder.resolve("a"), "");
        assertThat(HadoopFiles.list(folder.toString())).extracting(HadoopFiles.Entry::name).containsExactly("a", "b", "c");
        assertThat(HadoopFiles.list(folder.toString())).extracting(HadoopFiles.Entry::isFolder).containsExactly(false, true, false);
        assertThat(HadoopFiles.list(folder.toString()).get(2)).isEqualTo(new HadoopFiles.Entry(path("c"), "c", false, 3));
        assertThat(HadoopFiles.list(path("none"))).isEmpty();
    }

    @Test
    void appendsAndCreatesOnce() {
        HadoopFiles.append(path("log"), bytes("a\n"));
        HadoopFiles.append(path("log"), bytes("b\n"));
        assertThat(HadoopFiles.readString(path("log"))).isEqualTo("a\nb\n");
        assertThat(HadoopFiles.createNew(path("lock"), bytes("1"))).isTrue();
        assertThat(HadoopFiles.createNew(path("lock"), bytes("2"))).isFalse();
        assertThat(HadoopFiles.readString(path("lock"))).isEqualTo("1");
    }

    @Test
    void foldersAreRenamedOnlyToFreeNames() {
        HadoopFiles.writeAtomically(path("a/x"), "1");
        HadoopFiles.writeAtomically(path("b/x"), "2");
        assertThatThrownBy(() -> HadoopFiles.renameFolder(path("a"), path("b"))).isInstanceOf(IllegalStateException.class).hasMessageContaining(path("b"));
        HadoopFiles.renameFolder(path("a"), path("c"));
        assertThat(HadoopFiles.readString(path("c/x"))).isEqualTo("1");
        HadoopFiles.delete(path("c"));
        HadoopFiles.delete(path("c"));
        assertThat(HadoopFiles.exists(path("c"))).isFalse();
    }

    @Test
    void sha256IsTheStandardOne() {
        HadoopFiles.writeAtomically(path("abc"), "abc");
        assertThat(HadoopFiles.sha256(path("abc"))).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    /** More than two buffers of 1 MiB. */
    @Test
    void longFilesAreWrittenReadAndHashedWhole() throws Exception {
        byte[] content = new byte[(3 << 20) + 7];
        new Random(1).nextBytes(content);
        HadoopFiles.writeAtomically(path("long"), out -> {
            out.write(content, 0, 100);
            out.write(content, 100, content.length - 100);
        });
        assertThat(HadoopFiles.readBytes(path("long"))).isEqualTo(content);
        assertThat(HadoopFiles.sha256(path("long"))).isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
    }

    @Test
    void resolvesLikeFolders() {
        assertThat(HadoopFiles.resolve("hdfs://h:1/a", "b/c")).isEqualTo("hdfs://h:1/a/b/c");
        assertThat(HadoopFiles.resolve("a", "s3a://bucket/b")).isEqualTo("s3a://bucket/b");
        assertThat(HadoopFiles.parent("a/b")).isEqualTo("a");
        assertThat(HadoopFiles.parent("b")).isEqualTo(".");
    }

    @Test
    void pathsThatCannotBeUsedAreNamed() {
        assertThatThrownBy(() -> HadoopFiles.readString(path("none"))).isInstanceOf(UserException.class).hasMessage("Cannot read " + path("none") + ": no such file or folder.");
        assertThatThrownBy(() -> HadoopFiles.readString(folder.toString())).isInstanceOf(UserException.class).hasMessageContaining("found a folder");
        assertThatThrownBy(() -> HadoopFiles.length(path("none"))).isInstanceOf(UserException.class).hasMessageContaining(path("none"));
        assertThatThrownBy(() -> HadoopFiles.exists("nofs://x/y")).isInstanceOf(UserException.class).hasMessageContainingAll("nofs://x/y", "hdfs:");
        assertThatThrownBy(() -> HadoopFiles.exists("")).isInstanceOf(UserException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

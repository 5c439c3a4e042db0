package org.seqpe.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
                }))
                .hasMessageContainingAll(path("a.txt"), "No space left on device");
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
        assertThat(HadoopFiles.list(folder.toString()))
                .extracting(HadoopFiles.Entry::name)
                .containsExactly("a", "b", "c");
        assertThat(HadoopFiles.list(folder.toString()))
                .extracting(HadoopFiles.Entry::isFolder)
                .containsExactly(false, true, false);
        assertThat(HadoopFiles.list(folder.toString()).get(2))
                .isEqualTo(new HadoopFiles.Entry(path("c"), "c", HadoopFiles.Kind.FILE, 3));
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
        assertThatThrownBy(() -> HadoopFiles.renameFolder(path("a"), path("b")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(path("b"));
        HadoopFiles.renameFolder(path("a"), path("c"));
        assertThat(HadoopFiles.readString(path("c/x"))).isEqualTo("1");
        HadoopFiles.delete(path("c"));
        HadoopFiles.delete(path("c"));
        assertThat(HadoopFiles.exists(path("c"))).isFalse();
    }

    @Test
    void sha256IsTheStandardOne() {
        HadoopFiles.writeAtomically(path("abc"), "abc");
        assertThat(HadoopFiles.sha256(path("abc")))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
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
        assertThat(HadoopFiles.sha256(path("long")))
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
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
        assertThatThrownBy(() -> HadoopFiles.readString(path("none")))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read " + path("none") + ": no such file or folder.");
        assertThatThrownBy(() -> HadoopFiles.readString(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("found a folder");
        assertThatThrownBy(() -> HadoopFiles.length(path("none")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(path("none"));
        assertThatThrownBy(() -> HadoopFiles.exists("nofs://x/y"))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("nofs://x/y", "hdfs:");
        assertThatThrownBy(() -> HadoopFiles.exists("")).isInstanceOf(UserException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Every character that the file system takes is a part of a name, in files and in folders, whichever way the path
     * is written.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Talk: history.txt",
                ":",
                "hdfs:x",
                "Austen, Jane",
                "100%",
                "%20",
                "%zz",
                " a  b ",
                "it's \"quoted\"",
                "line\nbreak",
                "tab\t",
                "*",
                "[a-z]?{b,c}",
                "-rf",
                "--input",
                "#1",
                "a?b=c&d",
                "back\\slash",
                "~",
                "$HOME",
                "caf\u00e9",
                "\u65e5\u672c",
                "\ud83d\ude00",
                "..."
            })
    void aNameIsAName(String name) throws IOException {
        for (String prefix : List.of("", "file:", "file://")) {
            Path inside = Files.createDirectory(
                    folder.resolve(prefix.isEmpty() ? "plain" : prefix.length() == 5 ? "short" : "long"));
            String parent = HadoopFiles.resolve(prefix + inside, name);
            HadoopFiles.createFolders(parent);
            String file = HadoopFiles.resolve(parent, name);
            HadoopFiles.writeAtomically(file, "one");
            HadoopFiles.append(file, bytes(" two"));
            assertThat(Files.readString(inside.resolve(name).resolve(name))).isEqualTo("one two");
            assertThat(HadoopFiles.list(parent))
                    .containsExactly(new HadoopFiles.Entry(file, name, HadoopFiles.Kind.FILE, 7));
            assertThat(HadoopFiles.readString(HadoopFiles.list(parent).get(0).path()))
                    .isEqualTo("one two");
            assertThat(HadoopFiles.parent(file)).isEqualTo(parent);
            assertThat(HadoopFiles.name(file)).isEqualTo(name);
            assertThat(HadoopFiles.qualified(file))
                    .isEqualTo("file:" + inside.resolve(name).resolve(name));
            assertThat(HadoopFiles.readString(HadoopFiles.qualified(file))).isEqualTo("one two");
            assertThat(HadoopFiles.identity(file)).isEqualTo(HadoopFiles.identity(inside.resolve(name) + "/./" + name));
            HadoopFiles.rename(file, file + ".2");
            assertThat(HadoopFiles.exists(file)).isFalse();
            assertThat(HadoopFiles.createNew(file, bytes("3"))).isTrue();
            HadoopFiles.renameFolder(parent, parent + " renamed");
            assertThat(HadoopFiles.length(HadoopFiles.resolve(parent + " renamed", name + ".2")))
                    .isEqualTo(7);
            HadoopFiles.delete(parent + " renamed");
            assertThat(HadoopFiles.list(prefix + inside)).hasSize(0);
        }
    }

    @Test
    void aListSaysWhatIsNoFile() throws Exception {
        Files.createDirectory(folder.resolve("folder"));
        Files.writeString(folder.resolve("file"), "12");
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("file"));
        Files.createSymbolicLink(folder.resolve("link to folder"), folder.resolve("folder"));
        Files.createSymbolicLink(folder.resolve("lost"), Path.of("/no/such/disk/part.txt"));
        Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
        Files.createLink(folder.resolve("second name"), folder.resolve("file"));
        assertThat(new ProcessBuilder("mkfifo", path("pipe")).start().waitFor()).isZero();
        // A name that is no UTF-8, as of an old disk.
        assertThat(new ProcessBuilder("sh", "-c", "touch \"$(printf '%s/caf\\351' \"$0\")\"", folder.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(HadoopFiles.list(folder.toString()))
                .extracting(entry ->
                        entry.name().replaceAll("[^\\x20-\\x7e]", "?") + " " + entry.kind() + " " + entry.length())
                .containsExactlyInAnyOrder(
                        "folder FOLDER 0",
                        "file FILE 2",
                        "link FILE 2",
                        "link to folder FOLDER 0",
                        "lost LINK_TO_NOWHERE 0",
                        "loop LINK_TO_NOWHERE 0",
                        "second name FILE 2",
                        "pipe OTHER 0",
                        "caf? UNNAMEABLE 0");
        assertThat(HadoopFiles.identity(path("link")))
                .isEqualTo(HadoopFiles.identity(path("file")))
                .isEqualTo(HadoopFiles.identity(path("second name")))
                .isNotEqualTo(HadoopFiles.identity(path("folder")));
        assertThat(HadoopFiles.kind(path("pipe"))).isEqualTo(HadoopFiles.Kind.OTHER);
        assertThatThrownBy(() -> HadoopFiles.list(path("file")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(path("file"), "expected a folder");
    }

    @Test
    void rootsAndSlashes() {
        assertThat(HadoopFiles.parent("/a")).isEqualTo("/");
        assertThat(HadoopFiles.parent("/")).isEqualTo(".");
        assertThat(HadoopFiles.parent("hdfs://h:1/a")).isEqualTo("hdfs://h:1/");
        assertThat(HadoopFiles.parent("hdfs://h:1/")).isEqualTo(".");
        assertThat(HadoopFiles.parent("s3a://bucket")).isEqualTo(".");
        assertThat(HadoopFiles.parent("a/b//")).isEqualTo("a");
        assertThat(HadoopFiles.resolve("/", "a")).isEqualTo("/a");
        assertThat(HadoopFiles.resolve("a", "/b")).isEqualTo("/b");
        assertThat(HadoopFiles.resolve("a", "b:c")).isEqualTo("a/b:c");
        assertThat(HadoopFiles.name("a/b/")).isEqualTo("b");
        assertThatThrownBy(() -> HadoopFiles.exists("nosuchscheme:/a"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("write ./ before a local name with a colon");
    }

    /** Where nobody can make folders, root neither. */
    @Test
    void whyAFolderCannotBeMade() {
        assumeTrue(Files.isDirectory(Path.of("/sys/kernel")), "Not Linux");
        assertThatThrownBy(() -> HadoopFiles.createFolders("/sys/kernel/seqpe/folder"))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot create the folder /sys/kernel/seqpe/folder: (permission denied|Read-only file system|Operation not permitted|No such file or directory); choose another.");
    }
}

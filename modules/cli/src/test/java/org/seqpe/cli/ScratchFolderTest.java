package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;

/** Where temporary files and native libraries go; StartTest has whole processes. */
class ScratchFolderTest {
    @TempDir
    private Path folder;

    @Test
    void theFirstFolderThatWillDo() throws Exception {
        ScratchFolder usual = ScratchFolder.temporary(folder.toString(), null);
        assertThat(usual.path()).isEqualTo(folder);
        assertThat(usual.warning()).isEmpty();

        Path file = Files.createFile(folder.resolve("file"));
        ScratchFolder second = ScratchFolder.temporary(folder.resolve("missing").toString(), folder.toString());
        assertThat(second.path()).isEqualTo(folder);
        assertThat(second.warning().orElseThrow())
                .contains(folder + "/missing is not there", "go to " + folder, "TMPDIR");
        assertThat(ScratchFolder.temporary(file.toString(), folder.toString())
                        .warning()
                        .orElseThrow())
                .contains(file + " is no folder");
        assertThat(folder).isDirectoryContaining("glob:**/file").isDirectoryNotContaining("glob:**/.seqpe*");
    }

    @Test
    void aFolderWithoutRoom() {
        assertThat(ScratchFolder.flaw(folder, Long.MAX_VALUE, true).orElseThrow())
                .contains("MiB of room");
    }

    @Test
    void librariesGoToAFolderThatIsMadeForThem() throws Exception {
        assertThat(ScratchFolder.holdsLibraries(folder.resolve(".javacpp/cache")))
                .isTrue();
        assertThat(ScratchFolder.holdsLibraries(
                        Files.createFile(folder.resolve("file")).resolve("cache")))
                .isFalse();
    }

    /** Somebody else could put a library into a folder that others can write. */
    @Test
    void aFolderOfOneUser() throws Exception {
        Path own = ScratchFolder.own(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                .isEqualTo("rwx------");
        assertThat(ScratchFolder.own(folder)).isEqualTo(own);
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> ScratchFolder.own(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(own.toString())
                .hasMessageContaining("TMPDIR");
        Files.delete(own);
        Files.createSymbolicLink(
                own,
                Files.createDirectory(
                        folder.resolve("elsewhere"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        assertThatThrownBy(() -> ScratchFolder.own(folder)).isInstanceOf(UserException.class);
    }
}

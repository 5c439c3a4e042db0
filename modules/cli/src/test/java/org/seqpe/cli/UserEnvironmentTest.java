package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where native libraries go; StartTest has whole processes. */
class UserEnvironmentTest {
    @TempDir
    private Path folder;

    @Test
    void theUsualFoldersWhereTheyWillDo() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        assertThat(UserEnvironment.nativeFolders(folder.resolve("home").toString(), temporary, List.of())).isEmpty();
    }

    @Test
    void noHome() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        for (String home : new String[] {null, "?"}) {
            assertThat(UserEnvironment.nativeFolders(home, temporary, List.of()).get(UserEnvironment.NATIVE_CACHE)).startsWith(temporary + "/");
        }
    }

    @Test
    void nothingCanBeExecutedInTheTemporaryFolderOrAtHome() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path home = Files.createDirectory(folder.resolve("home"));
        Map<String, String> chosen = UserEnvironment.nativeFolders(home.toString(), temporary, List.of(temporary.toRealPath()));
        assertThat(chosen).doesNotContainKey(UserEnvironment.NATIVE_CACHE).containsEntry("org.xerial.snappy.tempdir", home.toString());
        assertThat(UserEnvironment.nativeFolders(home.toString(), temporary, List.of(home.toRealPath())).get(UserEnvironment.NATIVE_CACHE)).startsWith(temporary + "/");
        assertThat(UserEnvironment.nativeFolders(home.toString(), temporary, List.of(folder.toRealPath())).values()).isNotEmpty().allMatch(path -> !path.startsWith(folder.toString()));
    }
}

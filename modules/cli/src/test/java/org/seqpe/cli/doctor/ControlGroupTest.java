package org.seqpe.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlGroupTest {
    @TempDir
    Path root;

    private ControlGroup group(String memberships) throws IOException {
        return ControlGroup.of(root, Files.writeString(root.resolve("memberships"), memberships));
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }

    @Test
    void theSmallestLimitOnTheWayUpHolds() throws IOException {
        write("memory.max", "max");
        write("pod/memory.max", "1073741824");
        write("pod/box/memory.max", "2147483648");
        write("pod/cpu.max", "150000 100000");
        write("pod/box/cpu.max", "max 100000");
        ControlGroup group = group("0::/pod/box\n");
        assertThat(group.memory()).contains(1L << 30);
        assertThat(group.processors()).contains(1.5);
    }

    @Test
    void theFirstVersionHasAFolderForEachController() throws IOException {
        write("memory/box/memory.limit_in_bytes", "536870912");
        write("cpu,cpuacct/cpu.cfs_quota_us", "-1");
        write("cpu/box/cpu.cfs_quota_us", "200000");
        write("cpu/box/cpu.cfs_period_us", "100000");
        ControlGroup group = group("5:memory:/box\n4:cpu,cpuacct:/box\n3:devices:/other\n");
        assertThat(group.memory()).contains(1L << 29);
        assertThat(group.processors()).contains(2.0);
    }

    @Test
    void noLimitAndPathsThatAreNotThere() throws IOException {
        write("memory/memory.limit_in_bytes", "9223372036854771712");
        ControlGroup group = group("0::/../../machine/box\nnonsense\n");
        assertThat(group.memory()).isEmpty();
        assertThat(group.processors()).isEmpty();
    }
}

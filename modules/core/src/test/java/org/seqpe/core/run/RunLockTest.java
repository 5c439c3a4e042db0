package org.seqpe.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;

class RunLockTest {
    @TempDir
    Path temporary;

    /** Holds the lock of the folder named by the first argument until it is killed. */
    public static final class HoldingProcess {
        public static void main(String[] arguments) throws InterruptedException {
            new RunFolder(arguments[0]).lock(false);
            System.out.println("held");
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void aSecondJobIsRefusedUntilTheFirstHasEnded() {
        RunFolder run = new RunFolder(temporary.toString());
        try (RunLock lock = run.lock(false)) {
            lock.requireHeld();
            assertThatThrownBy(() -> run.lock(false))
                    .isInstanceOf(UserException.class)
                    .hasMessageContainingAll(
                            temporary.toString(),
                            "process " + ProcessHandle.current().pid(),
                            "--force-unlock");
        }
        run.lock(false).close();
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void theFolderOfAKilledProcessIsFree() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HoldingProcess.class.getName(),
                        temporary.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = holder.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("held");
            RunFolder run = new RunFolder(temporary.toString());
            assertThatThrownBy(() -> run.lock(false))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("process " + holder.pid());
            holder.destroyForcibly().waitFor();
            run.lock(false).close();
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void aLockOfAnotherHostIsStaleOnceItIsNoLongerRenewed() throws IOException {
        RunFolder run = new RunFolder(temporary.toString());
        writeForeignLock(Instant.now().minusSeconds(5));
        assertThatThrownBy(() -> run.lock(false))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("process 12 on elsewhere");
        writeForeignLock(Instant.now().minus(RunLock.STALE).minusSeconds(1));
        run.lock(false).close();
    }

    @Test
    void aLockTakenByForceStopsTheFirstHolder() throws IOException {
        RunFolder run = new RunFolder(temporary.toString());
        RunLock first = run.lock(false);
        try (RunLock second = run.lock(true)) {
            second.requireHeld();
            assertThatThrownBy(first::requireHeld)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("taken the run folder over");
            first.close();
            second.requireHeld();
            assertThat(temporary.resolve("lock.json")).exists();
        }
    }

    @Test
    void aLockCutOffByACrashIsTakenOver() throws IOException {
        Files.writeString(temporary.resolve("lock.json"), "{\"id\" : ");
        new RunFolder(temporary.toString()).lock(false).close();
    }

    @Test
    void aLockThatAKilledProcessHadMovedAsideIsCleanedAway() throws IOException {
        Path aside = temporary.resolve("lock.json." + UUID.randomUUID());
        Path another = temporary.resolve("lock.json.copy");
        Files.writeString(aside, "{}");
        Files.writeString(another, "{}");
        new RunFolder(temporary.toString()).lock(false).close();
        assertThat(aside).doesNotExist();
        assertThat(another).exists();
    }

    private void writeForeignLock(Instant renewed) throws IOException {
        Files.writeString(
                temporary.resolve("lock.json"),
                Json.pretty(new RunLock.Holder("x", "elsewhere", 12, "then", "then", renewed.toString())));
    }
}

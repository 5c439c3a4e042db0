package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.seqpe.cli.Seqpe;

/** A command in a process of its own, which can be stopped at a chosen moment and killed without warning. */
final class CommandProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 240;
    /** A signal reaches all threads of a process within this time. */
    private static final long STOPPING_MILLIS = 5;

    private final Process process;
    private final Path log;

    private CommandProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a command with the class path and the module options of this JVM; what it says goes to {@code log}. */
    static CommandProcess start(Path log, String... arguments) throws IOException {
        return script(log, Map.of(), command(arguments).toArray(String[]::new));
    }

    /** A command as {@link #start} starts it, for scripts that change what is around it. */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                // It lives for seconds, too short for the optimizing compiler to pay.
                "-XX:TieredStopAtLevel=1"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-"))
                .forEach(command::add);
        command.add("-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Seqpe.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Starts any program, with more in its environment than this JVM has; what it says goes to {@code log}. */
    static CommandProcess script(Path log, Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return new CommandProcess(builder.start(), log);
    }

    /** Waits until a condition holds. */
    void await(String moment, Condition condition) throws IOException, InterruptedException {
        while (!condition.holds()) {
            requireAlive(moment);
            Thread.sleep(50);
        }
    }

    /** May look at files and processes. */
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private void requireAlive(String moment) throws IOException {
        if (!process.isAlive()) {
            fail("The command ended (status " + process.exitValue() + ") before this moment came: " + moment
                    + ". It said:\n" + Files.readString(log));
        }
    }

    /** Waits for a moment at which the condition holds, however short it is, and stops the process in it. */
    void stopWhen(String moment, BooleanSupplier condition) throws IOException, InterruptedException {
        while (true) {
            requireAlive(moment);
            if (condition.getAsBoolean()) {
                signal("STOP");
                Thread.sleep(STOPPING_MILLIS);
                if (condition.getAsBoolean()) {
                    return;
                }
                signal("CONT");
            }
            Thread.sleep(1);
        }
    }

    /** Sends a signal, which every POSIX shell can and the JDK cannot. */
    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Expects it to end by itself and to have succeeded. */
    void done() throws IOException, InterruptedException {
        assertThat(end()).as(Files.readString(log)).isZero();
    }

    /** Expects it to end by itself, and returns its exit status. */
    int end() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("The command is still at work: " + log)
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package org.seqpe.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Spark standalone cluster on loopback: one Master and several one-core Workers, each a process of its own,
 * started from the class path of the test. Workers start executors as further processes, with the same class path.
 */
public final class StandaloneCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String HOST = "127.0.0.1";
    /** A resource of Spark's that each worker has one of. */
    public static final String RESOURCE = "slate";

    private final Path folder;
    private final int workers;
    private final String memory;
    private final Map<String, String> everywhere;
    private final int port;
    private final List<Process> processes = new ArrayList<>();

    /** @param folder for logs and the workers' files */
    public StandaloneCluster(Path folder, int workers) throws IOException, InterruptedException {
        this(folder, workers, "512m");
    }

    /** @param memory heap of an executor, as Spark writes it */
    public StandaloneCluster(Path folder, int workers, String memory) throws IOException, InterruptedException {
        this(folder, workers, memory, Map.of());
    }

    /**
     * @param everywhere Spark properties of master, workers and applications, such as those of {@link StandaloneAccess}
     */
    public StandaloneCluster(Path folder, int workers, String memory, Map<String, String> everywhere)
            throws IOException, InterruptedException {
        this.everywhere = new TreeMap<>(everywhere);
        this.folder = folder;
        this.workers = workers;
        this.memory = memory;
        // Workers put SPARK_HOME/jars on an executor's class path and insist that it exists; ours comes by
        // spark.executor.extraClassPath.
        Files.createDirectories(folder.resolve("home/jars"));
        port = freePort();
        start(
                "master",
                "org.apache.spark.deploy.master.Master",
                "--properties-file",
                properties("master", "").toString(),
                "--host",
                HOST,
                "--port",
                String.valueOf(port),
                "--webui-port",
                "0");
        awaitMaster();
        for (int k = 0; k < workers; k++) {
            addWorker();
        }
    }

    /** Starts one more worker, with a device of a made-up resource that is named after its number. */
    public void addWorker() throws IOException {
        int number = processes.size() - 1;
        Path script = folder.resolve("discover" + number);
        Files.writeString(
                script, "#!/bin/sh\necho '{\"name\": \"" + RESOURCE + "\", \"addresses\": [\"" + number + "\"]}'\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        String resource = "spark.worker.resource." + RESOURCE;
        Path properties = properties(
                "worker" + number, resource + ".amount 1\n" + resource + ".discoveryScript " + script + "\n");
        // Two names of one machine: Spark starts copies of slow tasks on another host only.
        start(
                "worker" + number,
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                number % 2 == 0 ? HOST : "localhost",
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                "16g",
                "--properties-file",
                properties.toString(),
                "--work-dir",
                folder.resolve("work" + number).toString(),
                master());
    }

    private Path properties(String name, String more) throws IOException {
        StringBuilder text = new StringBuilder(more);
        everywhere.forEach(
                (key, value) -> text.append(key).append(' ').append(value).append('\n'));
        return Files.writeString(folder.resolve(name + ".properties"), text);
    }

    /** Kills a worker and its executors. */
    public void killWorker(int number) {
        Process worker = processes.get(1 + number);
        List<ProcessHandle> executors = worker.children().toList();
        worker.destroyForcibly();
        executors.forEach(ProcessHandle::destroyForcibly);
    }

    public String master() {
        return "spark://" + HOST + ":" + port;
    }

    /** Settings of an application that uses all of it, one executor on each worker. */
    public Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>(everywhere);
        settings.putAll(Map.of(
                "spark.driver.host",
                HOST,
                "spark.driver.bindAddress",
                HOST,
                "spark.executor.extraClassPath",
                classPath(),
                "spark.executor.memory",
                memory,
                "spark.executor.cores",
                "1",
                "spark.cores.max",
                String.valueOf(workers),
                // Wait for every executor, so that the replicas do run on several.
                "spark.scheduler.minRegisteredResourcesRatio",
                "1.0",
                "spark.scheduler.maxRegisteredResourcesWaitingTime",
                "60s",
                "spark.ui.enabled",
                "false"));
        return settings;
    }

    /** The executors that run now: the workers' children. */
    public List<ProcessHandle> executors() {
        return processes.stream().skip(1).flatMap(Process::children).toList();
    }

    /** The workers that run now. */
    public List<ProcessHandle> workers() {
        return processes.stream()
                .skip(1)
                .filter(Process::isAlive)
                .map(Process::toHandle)
                .toList();
    }

    private void start(String name, String main, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"), "-Xmx256m"));
        Stream.of(
                        "java.lang",
                        "java.nio",
                        "sun.nio.ch",
                        "java.util",
                        "java.net",
                        "java.lang.invoke",
                        "java.util.concurrent")
                .forEach(opened -> command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED"));
        command.addAll(List.of("-cp", classPath(), main));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
        // Without it, the command builder looks for a source checkout of Spark.
        builder.environment().put("SPARK_SCALA_VERSION", "2.12");
        builder.environment().put("SPARK_LOCAL_IP", HOST);
        processes.add(builder.start());
    }

    private void awaitMaster() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(HOST, port), 1000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end || !processes.get(0).isAlive()) {
                    throw new IOException(
                            "Cannot reach the Spark master; its log: " + Files.readString(folder.resolve("master.log")),
                            e);
                }
                Thread.sleep(100);
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    /** The class path of the test. Absolute, because executors start in folders of their own. */
    public static String classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(path.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>();
        for (Process process : processes) {
            process.descendants().forEach(all::add);
            all.add(process.toHandle());
        }
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle process : all) {
            try {
                process.onExit().get(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            } catch (Exception e) {
                process.destroyForcibly();
            }
        }
    }
}

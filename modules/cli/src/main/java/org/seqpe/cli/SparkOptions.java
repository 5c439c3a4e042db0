package org.seqpe.cli;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import org.apache.spark.scheduler.ExternalClusterManager;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.Utils;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.StandaloneAccess;
import picocli.CommandLine.Option;

/** The options that select the Spark on which a command runs. */
final class SparkOptions {
    private static final String LOCAL = "local[*]";
    private static final String MASTER = "spark.master";
    private static final String LOCAL_FOLDERS = "spark.local.dir";
    /** Minimum heap in bytes. Spark refuses less, with a message about its own settings. */
    private static final long LEAST_HEAP = 450L << 20;

    private static final String LOOPBACK = "127.0.0.1";
    /** The masters that Spark's SparkContext.createTaskScheduler accepts, except those for Spark's own tests. */
    private static final Pattern KNOWN = Pattern.compile(
            "local(\\[(\\*|[1-9]\\d{0,5})(, *[1-9]\\d*)?])?|spark://[^/,:]+:\\d+(,[^/,:]+:\\d+)*|yarn|k8s://.+");

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = {
                "local[N]: an embedded Spark with N threads;",
                "spark://HOST:PORT: a standalone cluster;",
                "yarn, k8s://URL: with spark-submit.",
                "Default: what spark-submit says, else " + LOCAL + ", all cores."
            })
    private String master;

    @Option(
            names = "--spark",
            paramLabel = "KEY=VALUE",
            description = "A Spark property, such as spark.executor.memory=8g; may be repeated.")
    private Map<String, String> given = Map.of();

    @Option(
            names = "--spark-file",
            paramLabel = "FILE",
            description = {
                "Spark properties, one KEY VALUE or KEY=VALUE a line; --spark wins.",
                "The place for credentials: other users can read command lines."
            })
    private String file;

    /** Whether any of these options was given. */
    boolean isGiven() {
        return master != null || !given.isEmpty() || file != null;
    }

    private Map<String, String> properties() {
        Map<String, String> all = new LinkedHashMap<>();
        if (file != null) {
            Properties read = new Properties();
            try {
                read.load(new StringReader(HadoopFiles.readString(file)));
            } catch (IOException | IllegalArgumentException e) {
                throw new UserException(
                        "Cannot read Spark properties from " + file + ": expected one KEY VALUE a line, found "
                                + e.getMessage() + ".",
                        e);
            }
            read.stringPropertyNames()
                    .forEach(key -> all.put(key, read.getProperty(key).strip()));
        }
        all.putAll(given);
        return all;
    }

    /** @throws UserException if there is no such Spark, before one is started */
    SparkSession open(String appName) {
        Map<String, String> properties = properties();
        String asked = properties.getOrDefault(MASTER, master);
        String url = asked != null || System.getProperty(MASTER) != null ? asked : LOCAL;
        if (url != null) {
            requireKnown(url);
        }
        Map<String, String> settings = new LinkedHashMap<>();
        if (url != null && url.startsWith("local")) {
            requireHeap(Runtime.getRuntime().maxMemory());
            // Only this process talks to an embedded Spark, so it needs no resolvable host name. Spark looks for one
            // before it reads any setting.
            Utils.setCustomHostname(LOOPBACK);
            settings.put("spark.driver.host", LOOPBACK);
            settings.put("spark.driver.bindAddress", LOOPBACK);
            // This makes running out of memory a failure like any other. By default Spark ends the process without a
            // message.
            settings.put("spark.executor.killOnFatalError.depth", "0");
            settings.put("spark.ui.enabled", "false");
        }
        String master = url != null ? url : System.getProperty(MASTER);
        if (StandaloneAccess.isStandalone(master)) {
            // Spark's web pages would be open to everyone who can reach this machine.
            settings.put("spark.ui.enabled", System.getProperty("spark.ui.enabled", "false"));
            secretFile().map(StandaloneAccess::settings).ifPresent(settings::putAll);
        }
        settings.putAll(properties);
        requireLocalFolders(settings.getOrDefault(LOCAL_FOLDERS, System.getProperty(LOCAL_FOLDERS)));
        try {
            return SparkSessions.create(url, appName, settings);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    "Cannot start Spark with these settings: " + Failures.reason(e)
                            + " Settings come from --spark, --spark-file and spark-submit.",
                    e);
        }
    }

    /**
     * The file with the cluster's secret: the one that the environment names, or the one that start.sh left in its
     * usual place.
     */
    private static Optional<Path> secretFile() {
        String named = System.getenv(StandaloneAccess.SECRET_FILE);
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        String home = System.getProperty("seqpe.home");
        return Optional.ofNullable(home)
                .map(folder -> Path.of(folder, "dist", "standalone", "secret"))
                .filter(Files::exists);
    }

    /** Refuses unusable local folders, because Spark ends the process if it can use none of them. */
    private static void requireLocalFolders(String asked) {
        String folders = Optional.ofNullable(System.getenv("SPARK_LOCAL_DIRS")).orElse(asked);
        if (folders == null || System.getenv("CONTAINER_ID") != null) {
            // This is the temporary folder, which was tried already, or a folder that YARN made for its container.
            return;
        }
        Map<Path, String> unusable = new LinkedHashMap<>();
        for (String name : folders.split(",")) {
            Path folder = Path.of(name.strip());
            Optional<String> flaw = ScratchFolder.flawOnceMade(folder);
            if (flaw.isEmpty()) {
                return;
            }
            unusable.put(folder, flaw.get());
        }
        throw new UserException("Cannot start Spark with its local folders (" + LOCAL_FOLDERS
                + ", SPARK_LOCAL_DIRS): expected one that can be written and has room, found that "
                + ScratchFolder.told(unusable) + "; name another.");
    }

    private static void requireHeap(long bytes) {
        if (bytes < LEAST_HEAP) {
            throw new UserException(
                    "Cannot start an embedded Spark: expected a Java heap of at least " + (LEAST_HEAP >> 20)
                            + " MiB, found " + (bytes >> 20) + " MiB; give Java more, such as SEQPE_JAVA_OPTS=-Xmx2g.");
        }
    }

    private static void requireKnown(String url) {
        if (!KNOWN.matcher(url).matches()) {
            throw new UserException("Cannot use the Spark master '" + url
                    + "': expected local, local[N] with N threads of at least 1, local[*] for all cores, "
                    + "spark://HOST:PORT, yarn or k8s://URL.");
        }
        boolean external = url.equals("yarn") || url.startsWith("k8s:");
        if (external
                && ServiceLoader.load(ExternalClusterManager.class).stream()
                        .noneMatch(manager -> manager.get().canCreate(url))) {
            throw new UserException(
                    "Cannot use the Spark master '" + url
                            + "' from here: expected a Spark installation with its cluster manager, found the embedded Spark, "
                            + "which knows local[N] and spark://HOST:PORT; start the command with the spark-submit of your cluster.");
        }
    }
}

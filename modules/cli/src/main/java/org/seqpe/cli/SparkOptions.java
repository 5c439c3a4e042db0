package org.seqpe.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.seqpe.spark.SparkSessions;
import picocli.CommandLine.Option;

/** The options that say on which Spark a command runs. */
final class SparkOptions {
    private static final String LOCAL = "local[*]";

    @Option(names = "--master", paramLabel = "URL", description = "Spark master: local[N], spark://HOST:PORT, yarn, k8s://URL. Default: what spark-submit says, else "
            + LOCAL + ", an embedded Spark on all cores.")
    private String master;

    @Option(names = "--spark", paramLabel = "KEY=VALUE", description = "A Spark property, such as spark.executor.memory=8g; may be repeated.")
    private Map<String, String> properties = Map.of();

    SparkSession open(String appName) {
        String url = master != null || System.getProperty("spark.master") != null ? master : LOCAL;
        Map<String, String> settings = new LinkedHashMap<>();
        if (url != null && url.startsWith("local")) {
            // Nothing but this process talks to an embedded Spark, so it needs no host name that others can resolve.
            settings.put("spark.driver.host", "localhost");
            settings.put("spark.driver.bindAddress", "127.0.0.1");
            settings.put("spark.ui.enabled", "false");
        }
        settings.putAll(properties);
        return SparkSessions.create(url, appName, settings);
    }
}

package org.seqpe.spark;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Makes Spark sessions with the settings that every job of this project needs. */
public final class SparkSessions {
    private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";
    /** As the parent POM's jvm.modules; docs/devices.md says why. */
    private static final String VECTOR_API = "--add-modules jdk.incubator.vector -XX:CompileCommand=quiet"
            + " -XX:CompileCommand=inline,org.seqpe.compute.cpu.runtime.VectorMath::*"
            + " -XX:CompileCommand=dontinline,org.seqpe.compute.cpu.row.GeluLoops::*"
            + " -XX:CompileCommand=dontinline,org.seqpe.compute.cpu.attention.SoftmaxRows::*"
            + " -XX:CompileCommand=dontinline,org.seqpe.compute.cpu.loss.CrossEntropy::*";

    /**
     * Variables of the environment that choose OpenBLAS's kernels. Other kernels round otherwise, so driver and
     * executors need the same ones.
     */
    private static final String OPENBLAS = "OPENBLAS_";

    private SparkSessions() {}

    /**
     * The session of this JVM, made if there is none.
     *
     * @param master a Spark master such as local[2] or spark://host:7077; null leaves it to spark-submit
     * @param appName what Spark's UI calls the application
     * @param settings Spark properties that win over this project's defaults and over spark-submit's; may be empty
     * @throws org.seqpe.core.UserException where a standalone master does not answer, or not to us
     */
    public static SparkSession create(String master, String appName, Map<String, String> settings) {
        SparkConf conf = new SparkConf().setAppName(appName);
        if (master != null) {
            conf.setMaster(master);
        }
        settings.forEach(conf::set);
        conf.setIfMissing("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
        conf.setIfMissing("spark.kryo.registrator", KryoSerializers.class.getName());
        // Broadcasts are float32 parameters, which do not compress.
        conf.setIfMissing("spark.broadcast.compress", "false");
        // Tasks read the parameters of a round in pieces of this size.
        conf.setIfMissing("spark.broadcast.blockSize", "16m");
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        // With the UI on, http://DRIVER:4040/metrics/prometheus shows the metrics.
        conf.setIfMissing(
                "spark.metrics.conf.driver.sink.prometheusServlet.class",
                "org.apache.spark.metrics.sink.PrometheusServlet");
        conf.setIfMissing("spark.metrics.conf.driver.sink.prometheusServlet.path", "/metrics/prometheus");
        // The Vector API of the CPU kernels; Spark itself adds the --add-opens that it needs on Java 17.
        String options = conf.get(EXECUTOR_OPTIONS, "");
        if (!options.contains("jdk.incubator.vector")) {
            conf.set(EXECUTOR_OPTIONS, (VECTOR_API + " " + options).trim());
        }
        System.getenv().forEach((name, value) -> {
            if (name.startsWith(OPENBLAS)) {
                conf.setIfMissing("spark.executorEnv." + name, value);
            }
        });
        // An executor reads and writes file names by its locale; without UTF-8 it cannot name files outside of ASCII.
        conf.setIfMissing("spark.executorEnv.LC_ALL", "C.UTF-8");
        if (StandaloneAccess.isStandalone(conf.get("spark.master", ""))) {
            StandaloneAccess.require(conf);
        }
        return SparkSession.builder().config(conf).getOrCreate();
    }
}

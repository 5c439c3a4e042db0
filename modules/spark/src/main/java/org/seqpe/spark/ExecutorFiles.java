package org.seqpe.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.seqpe.core.io.HadoopFiles;

/** Hadoop paths inside tasks. */
public final class ExecutorFiles {
    private static SparkConf used;

    private ExecutorFiles() {}

    /**
     * Makes this JVM's files use the Hadoop settings of its Spark application ({@code spark.hadoop.*}); a task that
     * opens files calls this first.
     */
    public static synchronized void useSparksSettings() {
        SparkConf conf = SparkEnv.get().conf();
        // Once for each application: reading Hadoop's settings takes longer than a small task.
        if (conf != used) {
            // SparkHadoopUtil's own configuration knows system properties only, not the application's settings.
            HadoopFiles.use(SparkHadoopUtil.get().newConfiguration(conf));
            used = conf;
        }
    }
}

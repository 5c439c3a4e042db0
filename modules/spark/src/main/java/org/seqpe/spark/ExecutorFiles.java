package org.seqpe.spark;

import org.apache.spark.deploy.SparkHadoopUtil;
import org.seqpe.core.io.HadoopFiles;

/** Hadoop paths inside tasks. */
public final class ExecutorFiles {
    private ExecutorFiles() {
    }

    /** Makes this JVM's files use the Hadoop settings of its Spark application ({@code spark.hadoop.*}); to be called at the start of a task that opens files. */
    public static void useSparksSettings() {
        HadoopFiles.use(SparkHadoopUtil.get().conf());
    }
}

package org.seqpe.cli;

import java.io.PrintWriter;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.progress.Progress;

/** What {@code seqpe quickstart} trains on. */
interface QuickstartTask {
    /** The name of the configuration in conf/. */
    String configuration();

    /** What a loss is counted over, such as "byte". */
    String lossPer();

    /**
     * Prepares the data, or uses the data of an earlier start again, so that the same command continues the run. Other
     * data need another run folder.
     *
     * @param data folder of the dataset
     * @throws org.seqpe.core.UserException if the dataset there was made of something else
     */
    void prepare(JavaSparkContext spark, String data, Progress progress);

    /** Writes what else a person wants to see of the data into the run folder, and says so. */
    default void show(String data, RunConfig config, PrintWriter out) {}
}

package org.seqpe.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.seqpe.core.io.HadoopFiles;

class ExecutorFilesTest {
    @AfterEach
    void forgetSettings() {
        HadoopFiles.use(new Configuration());
    }

    @Test
    void tasksSeeTheHadoopSettingsOfTheirApplication() {
        Map<String, String> settings = Map.of(
                "spark.ui.enabled",
                "false",
                "spark.driver.host",
                "127.0.0.1",
                "spark.driver.bindAddress",
                "127.0.0.1",
                // A cached file system would have the settings it was first made with.
                "spark.hadoop.fs.file.impl.disable.cache",
                "true",
                "spark.hadoop.seqpe.test",
                "set");
        try (SparkSession spark = SparkSessions.create("local[1]", "settings", settings)) {
            List<String> seen = new JavaSparkContext(spark.sparkContext())
                    .parallelize(List.of(1), 1)
                    .map(number -> {
                        ExecutorFiles.useSparksSettings();
                        return String.valueOf(
                                HadoopFiles.fileSystem("file:/").getConf().get("seqpe.test"));
                    })
                    .collect();
            assertThat(seen).containsExactly("set");
        }
    }
}

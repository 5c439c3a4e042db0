package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;

class TaskDeviceTest {
    private static final DeviceConfig GPU = new DeviceConfig(DeviceConfig.Kind.AUTO, "gpu", "", 0);

    @Test
    void replicasDoNotShareADeviceAndHaveNoTwo() {
        SparkConf spark = new SparkConf(false);
        assertThatCode(() -> TaskDevice.requireOneEach(spark, GPU)).doesNotThrowAnyException();
        for (String amount : new String[] {"0.5", "2"}) {
            spark.set("spark.task.resource.gpu.amount", amount);
            assertThatThrownBy(() -> TaskDevice.requireOneEach(spark, GPU)).isInstanceOf(UserException.class).hasMessageContaining("spark.task.resource.gpu.amount = 1, found");
        }
        spark.set("spark.task.resource.gpu.amount", "1");
        assertThatCode(() -> TaskDevice.requireOneEach(spark, GPU)).doesNotThrowAnyException();
    }
}

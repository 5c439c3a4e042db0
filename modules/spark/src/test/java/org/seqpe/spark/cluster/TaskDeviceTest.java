package org.seqpe.spark.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;
import org.seqpe.core.config.DeviceConfig;

class TaskDeviceTest {
    private static DeviceConfig device(String resource, String address) {
        return new DeviceConfig(
                DeviceConfig.Kind.AUTO,
                resource,
                address,
                0,
                DeviceConfig.Precision.FLOAT32,
                DeviceConfig.PrecisionFallback.REFUSE);
    }

    @Test
    void replicasDoNotShareADeviceAndHaveNoTwo() {
        SparkConf spark = new SparkConf(false);
        DeviceConfig slate = device("slate", "");
        assertThatCode(() -> TaskDevice.requireOneEach(spark, slate)).doesNotThrowAnyException();
        for (String amount : new String[] {"0.5", "2"}) {
            spark.set("spark.task.resource.slate.amount", amount);
            assertThatThrownBy(() -> TaskDevice.requireOneEach(spark, slate))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("spark.task.resource.slate.amount = 1, found");
        }
        spark.set("spark.task.resource.slate.amount", "1");
        assertThatCode(() -> TaskDevice.requireOneEach(spark, slate)).doesNotThrowAnyException();
    }

    @Test
    void aGpuIsNotTakenByADeviceThatComputesOnTheProcessor() {
        SparkConf spark = new SparkConf(false);
        for (DeviceConfig.Kind kind : new DeviceConfig.Kind[] {DeviceConfig.Kind.CPU, DeviceConfig.Kind.ND4J}) {
            assertThatCode(() -> TaskDevice.requireOneEach(
                            spark,
                            new DeviceConfig(
                                    kind,
                                    "gpu",
                                    "",
                                    0,
                                    DeviceConfig.Precision.FLOAT32,
                                    DeviceConfig.PrecisionFallback.REFUSE)))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> TaskDevice.requireOneEach(
                            spark,
                            new DeviceConfig(
                                    kind,
                                    "gpu",
                                    "1",
                                    0,
                                    DeviceConfig.Precision.FLOAT32,
                                    DeviceConfig.PrecisionFallback.REFUSE)))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("Cannot compute on a GPU")
                    .hasMessageContaining("device.address = 1")
                    .hasMessageContaining("device.kind = " + kind);
        }
        spark.set("spark.task.resource.gpu.amount", "1");
        assertThatThrownBy(() -> TaskDevice.requireOneEach(
                        spark,
                        new DeviceConfig(
                                DeviceConfig.Kind.CPU,
                                "gpu",
                                "",
                                0,
                                DeviceConfig.Precision.FLOAT32,
                                DeviceConfig.PrecisionFallback.REFUSE)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot compute on a GPU")
                .hasMessageContaining("spark.task.resource.gpu.amount");
        // The driver's machine need not have what the executors' have.
        assertThatCode(() -> TaskDevice.requireOneEach(spark, device("gpu", "")))
                .doesNotThrowAnyException();
    }
}

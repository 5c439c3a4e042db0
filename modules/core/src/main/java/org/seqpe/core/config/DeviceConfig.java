package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.notBlank;

import java.io.Serializable;

/**
 * The device that computes.
 *
 * @param kind AUTO takes the GPU if there is one that can be used; otherwise the fused CPU kernels if the processor and
 *     the JVM have what they need; otherwise ND4J
 * @param resource name of the Spark resource whose addresses are devices (spark.task.resource.NAME.amount)
 * @param address device of every replica if Spark assigns no devices to tasks; if Spark assigns them, the same device
 *     or empty
 * @param threads compute threads of a replica; 0 means the cores that Spark gives a task, or all cores without Spark
 * @param precision of activations and of the operands of products; parameters, gradients, moments and losses are always
 *     float32
 * @param precisionFallback what becomes of a processor that has no unit for the precision
 */
public record DeviceConfig(
        Kind kind,
        String resource,
        String address,
        int threads,
        Precision precision,
        PrecisionFallback precisionFallback)
        implements Serializable {
    public DeviceConfig {
        notBlank("resource", resource, "name a resource of Spark, such as gpu");
        atLeast("threads", threads, 0);
    }

    /**
     * CPU: fused kernels; CUDA: our kernels and cuBLASLt on an NVIDIA GPU; ND4J: ND4J operations on the device of
     * ND4J's backend, used as the reference.
     */
    public enum Kind {
        AUTO,
        CPU,
        CUDA,
        ND4J
    }

    /** IEEE single precision; or bfloat16 with sums in float32, on devices that have it. */
    public enum Precision {
        FLOAT32,
        BF16
    }

    /** A processor without a unit for the precision is not used, or computes the same by slower means. */
    public enum PrecisionFallback {
        REFUSE,
        EMULATE
    }
}

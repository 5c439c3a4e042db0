package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.notBlank;

import java.io.Serializable;

/**
 * What computes.
 *
 * @param kind AUTO takes the GPU in a distribution for CUDA; else the fused CPU kernels where the processor and the JVM
 *     have what they need; else ND4J
 * @param resource name of the Spark resource whose addresses are devices (spark.task.resource.NAME.amount)
 * @param address device of every replica where Spark gives tasks none; where it does, the same or empty
 * @param threads threads a replica computes with; 0 means the cores that Spark gives a task, or all where there is no
 *     Spark
 */
public record DeviceConfig(Kind kind, String resource, String address, int threads) implements Serializable {
    public DeviceConfig {
        notBlank("resource", resource, "name a resource of Spark, such as gpu");
        atLeast("threads", threads, 0);
    }

    /**
     * CPU: fused kernels; CUDA: ND4J operations on a GPU; ND4J: the same on whatever ND4J's backend computes on, the
     * reference.
     */
    public enum Kind {
        AUTO,
        CPU,
        CUDA,
        ND4J
    }
}

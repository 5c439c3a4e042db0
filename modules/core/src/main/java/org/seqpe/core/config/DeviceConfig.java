package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;

import java.io.Serializable;

/**
 * What computes.
 *
 * @param kind    AUTO takes the fused CPU kernels where the processor and the JVM have what they need, else ND4J
 * @param threads threads a replica computes with; 0 means the cores that Spark gives a task, or all where there is no Spark
 */
public record DeviceConfig(Kind kind, int threads) implements Serializable {
    public DeviceConfig {
        atLeast("threads", threads, 0);
    }

    /** CPU: fused kernels; ND4J: plain ND4J operations, the reference. */
    public enum Kind { AUTO, CPU, ND4J }
}

package org.seqpe.spark.round;

import java.io.Serializable;

/** Builds model copies inside tasks. It travels to them. */
@FunctionalInterface
public interface ReplicaFactory extends Serializable {

    /** @param replica number of the model copy, from 0 */
    Replica create(int replica);
}

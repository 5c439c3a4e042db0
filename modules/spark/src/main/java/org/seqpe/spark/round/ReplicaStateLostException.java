package org.seqpe.spark.round;

/**
 * Executors died that held the only copy of a replica's parameters or moments. The run goes on from its last
 * checkpoint.
 */
public final class ReplicaStateLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReplicaStateLostException(int round, Throwable cause) {
        super("Lost the state of a replica in round " + round + " together with its executor", cause);
    }
}

package org.seqpe.spark.round;

import java.util.List;
import org.seqpe.spark.merge.DeltaCode;
import org.seqpe.spark.vectors.BlockPieces;
import org.seqpe.spark.vectors.Pieces;

/**
 * Bytes of a round.
 *
 * @param down parameters to every replica
 * @param up results of every replica
 * @param moments copies of the replicas' moments on further executors; 0 where Spark has one process
 */
public record RoundTraffic(long down, long up, long moments) {

    /**
     * @param code of the results; null for parameters as they are
     * @param pieces how the parameters are cut
     */
    static RoundTraffic of(long parameters, DeltaCode code, Pieces pieces, List<ReplicaReport> results) {
        long moments = results.stream()
                .map(ReplicaReport::moments)
                .mapToLong(saved -> Math.max(
                                0,
                                BlockPieces.places(saved.broadcast(), saved.name())
                                                .size()
                                        - 1)
                        * saved.length()
                        * Float.BYTES)
                .sum();
        return new RoundTraffic(
                results.size() * parameters * Float.BYTES, results.size() * up(parameters, code, pieces), moments);
    }

    /** Bytes of one replica's result. */
    public static long up(long parameters, DeltaCode code, Pieces pieces) {
        if (code == null) {
            return parameters * Float.BYTES;
        }
        long whole = parameters / pieces.elements() * code.bytes(pieces.elements());
        return whole + code.bytes(parameters % pieces.elements());
    }
}

package org.seqpe.spark.train;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The driver's end of a round: the replicas' parameters are fetched piece by piece, averaged by tokens in the order of the replica
 * numbers, and given to the outer optimizer, which writes the network's parameters in place. The result does not depend on which task
 * finished first, nor on the threads that share the pieces.
 */
final class ReplicaMerge {
    private final long broadcast;
    private final List<ReplicaReport> results;
    private final OuterOptimizer outer;

    /** @param results in the order of the replica numbers */
    ReplicaMerge(long broadcast, List<ReplicaReport> results, OuterOptimizer outer) {
        this.broadcast = broadcast;
        this.results = List.copyOf(results);
        this.outer = outer;
    }

    /**
     * Replaces the parameters of the round's start by those of the next.
     *
     * @throws BlockPieces.LostBlockException if a replica's result is gone with its executor; the parameters are then neither the old nor the new ones
     */
    DeltaStatistics into(INDArray parameters, int round) {
        FloatMemory memory = new FloatMemory(parameters);
        for (ReplicaReport result : results) {
            if (result.parametersLength() != memory.length()) {
                throw new IllegalStateException("Cannot average parameters: expected length " + memory.length() + ", found "
                        + result.parametersLength() + " (replica " + result.replica() + ", round " + round + ")");
            }
        }
        // Pieces are independent of each other; their statistics are added in the order of the pieces.
        List<DeltaStatistics> pieces = IntStream.range(0, BlockPieces.count(memory.length())).parallel()
                .mapToObj(piece -> mergePiece(memory, piece)).toList();
        DeltaStatistics statistics = new DeltaStatistics(results.size());
        pieces.forEach(statistics::add);
        statistics.requireFinite(round);
        return statistics;
    }

    private DeltaStatistics mergePiece(FloatMemory memory, int piece) {
        long offset = (long) piece * BlockPieces.ELEMENTS;
        int count = BlockPieces.elements(memory.length(), piece);
        float[] start = new float[count];
        memory.read(offset, start, count);
        float[][] replicas = new float[results.size()][count];
        WeightedAverage average = new WeightedAverage();
        for (int k = 0; k < replicas.length; k++) {
            ByteBuffer bytes = BlockPieces.get(broadcast, results.get(k).parametersName(), piece);
            bytes.asFloatBuffer().get(replicas[k]);
            average.add(results.get(k).tokens(), replicas[k], count);
        }
        float[] mean = new float[count];
        average.result(mean);
        DeltaStatistics statistics = DeltaStatistics.of(start, replicas);
        float[] next = new float[count];
        outer.step(offset, count, start, mean, next);
        memory.write(offset, next, count);
        return statistics;
    }
}

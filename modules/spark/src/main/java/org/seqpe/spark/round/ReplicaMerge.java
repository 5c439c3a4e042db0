package org.seqpe.spark.round;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.spark.merge.DeltaCode;
import org.seqpe.spark.merge.DeltaStatistics;
import org.seqpe.spark.merge.EncodedDelta;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.merge.WeightedAverage;
import org.seqpe.spark.vectors.BlockPieces;
import org.seqpe.spark.vectors.FloatMemory;
import org.seqpe.spark.vectors.Pieces;

/**
 * The driver's end of a round: the replicas' parameters are fetched piece by piece, averaged by weight in the order of
 * the replica numbers, and given to the outer optimizer, which writes the network's parameters in place. The result
 * does not depend on which task finished first, nor on the threads that share the pieces.
 */
final class ReplicaMerge {
    /** Elements that are averaged at a time, so that they stay in the processor's cache. */
    private static final int CHUNK = 1 << 12;

    private final long broadcast;
    private final Pieces pieces;
    private final List<ReplicaReport> results;
    private final OuterOptimizer outer;
    private final DeltaCode code;

    /**
     * @param pieces how the parameters are cut
     * @param results in the order of the replica numbers
     * @param code of the deltas that the replicas left; null where they left their parameters
     */
    ReplicaMerge(long broadcast, Pieces pieces, List<ReplicaReport> results, OuterOptimizer outer, DeltaCode code) {
        this.broadcast = broadcast;
        this.pieces = pieces;
        this.results = List.copyOf(results);
        this.outer = outer;
        this.code = code;
    }

    /**
     * Replaces the parameters of the round's start by those of the next.
     *
     * @throws BlockPieces.LostBlockException if a replica's result is gone with its executor; the parameters are then
     *     neither the old nor the new ones
     */
    DeltaStatistics into(INDArray parameters, int round) {
        FloatMemory memory = new FloatMemory(parameters);
        for (ReplicaReport result : results) {
            if (result.parametersLength() != memory.length()) {
                throw new IllegalStateException("Cannot average parameters: expected length " + memory.length()
                        + ", found " + result.parametersLength() + " (replica " + result.replica() + ", round " + round
                        + ")");
            }
        }
        // Pieces are independent of each other; their statistics are added in the order of the pieces.
        List<DeltaStatistics> parts = IntStream.range(0, pieces.count(memory.length()))
                .parallel()
                .mapToObj(piece -> mergePiece(memory, piece))
                .toList();
        DeltaStatistics statistics = new DeltaStatistics(results.size());
        parts.forEach(statistics::add);
        statistics.requireFinite(round);
        return statistics;
    }

    private DeltaStatistics mergePiece(FloatMemory memory, int piece) {
        ByteBuffer[] replicas = new ByteBuffer[results.size()];
        DeltaStatistics statistics = new DeltaStatistics(replicas.length);
        withPieces(piece, replicas, 0, () -> {
            int elements = pieces.elements(memory.length(), piece);
            float[] start = new float[CHUNK];
            float[][] ends = new float[replicas.length][CHUNK];
            float[] mean = new float[CHUNK];
            float[] next = new float[CHUNK];
            WeightedAverage average = new WeightedAverage();
            for (int from = 0; from < elements; from += CHUNK) {
                int count = Math.min(CHUNK, elements - from);
                long offset = pieces.offset(piece) + from;
                memory.read(offset, count, start);
                average.clear();
                for (int k = 0; k < replicas.length; k++) {
                    end(replicas[k], from, count, start, ends[k]);
                    average.add(results.get(k).weight(), ends[k], count);
                }
                average.result(mean);
                statistics.add(start, ends, count);
                outer.step(offset, count, start, mean, next);
                memory.write(offset, count, next);
            }
        });
        return statistics;
    }

    /** A replica's parameters from element {@code from} of a piece on. */
    private void end(ByteBuffer piece, int from, int count, float[] start, float[] target) {
        if (code == null) {
            piece.asFloatBuffer().position(from).get(target, 0, count);
            return;
        }
        code.decode(piece, from, count, target);
        for (int i = 0; i < count; i++) {
            target[i] += start[i];
        }
    }

    /** Holds the pieces of the replicas from {@code k} on, one within the other, while {@code work} runs. */
    private void withPieces(int piece, ByteBuffer[] replicas, int k, Runnable work) {
        if (k == replicas.length) {
            work.run();
            return;
        }
        Consumer<ByteBuffer> next = bytes -> {
            replicas[k] = bytes;
            withPieces(piece, replicas, k + 1, work);
        };
        String name = results.get(k).parametersName();
        if (code == null) {
            BlockPieces.read(broadcast, name, pieces, piece, next);
        } else {
            EncodedDelta.read(broadcast, name, piece, next);
        }
    }
}

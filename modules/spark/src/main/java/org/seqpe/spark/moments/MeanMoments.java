package org.seqpe.spark.moments;

import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.spark.ExecutorFiles;
import org.seqpe.spark.merge.WeightedAverage;
import org.seqpe.spark.vectors.BlockPieces;
import org.seqpe.spark.vectors.FloatMemory;
import org.seqpe.spark.vectors.Pieces;

/**
 * The mean of all replicas' moments, which counts each replica the same and adds them in the order of their numbers.
 * One task makes it piece by piece and leaves it in the block manager like a replica's own.
 */
public final class MeanMoments {
    private MeanMoments() {}

    /**
     * @param moments by replica number; all stored or all in files
     * @param broadcast id of the broadcast that the blocks are named after
     * @param pieces how the mean is cut into blocks
     */
    public static SavedMoments.Blocks store(
            JavaSparkContext context,
            List<? extends SavedMoments> moments,
            long broadcast,
            Pieces pieces,
            StorageLevel level) {
        List<SavedMoments> all = List.copyOf(moments);
        return context.parallelize(List.of(0), 1)
                .map(task -> {
                    ExecutorFiles.useSparksSettings();
                    return store(all, broadcast, pieces, level);
                })
                .first();
    }

    private static SavedMoments.Blocks store(
            List<SavedMoments> moments, long broadcast, Pieces pieces, StorageLevel level) {
        long length = length(moments.get(0));
        FloatMemory mean = new FloatMemory(Nd4j.createUninitialized(DataType.FLOAT, 1, length));
        float[] values = new float[pieces.elements(length, 0)];
        WeightedAverage average = new WeightedAverage();
        for (int piece = 0; piece < pieces.count(length); piece++) {
            long offset = pieces.offset(piece);
            int count = pieces.elements(length, piece);
            average.clear();
            for (SavedMoments one : moments) {
                read(one, offset, count, values);
                average.add(1, values, count);
            }
            average.result(values);
            mean.write(offset, count, values);
        }
        // Attempts of one task must not share names.
        String name = "mean_a" + TaskContext.get().taskAttemptId();
        BlockPieces.put(broadcast, name, pieces, mean, level);
        return new SavedMoments.Blocks(broadcast, name, length, pieces, BlockPieces.here());
    }

    private static long length(SavedMoments moments) {
        return moments instanceof SavedMoments.Blocks blocks
                ? blocks.length()
                : MomentsFile.length(((SavedMoments.File) moments).path());
    }

    private static void read(SavedMoments moments, long offset, int count, float[] target) {
        if (moments instanceof SavedMoments.Blocks blocks) {
            blocks.read(offset, count, target);
        } else {
            MomentsFile.read(((SavedMoments.File) moments).path(), offset, count, target);
        }
    }
}

package org.seqpe.spark.moments;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import org.seqpe.spark.vectors.BlockPieces;
import org.seqpe.spark.vectors.FloatMemory;
import org.seqpe.spark.vectors.Pieces;

/** The place of one replica's optimizer moments between two rounds. */
public sealed interface SavedMoments extends Serializable {

    /** Before the first step: zeros. */
    record Zero() implements SavedMoments {}

    /**
     * In Spark's block manager, on one or several executors. Kryo cannot fill records, so Java serialization carries
     * it.
     *
     * @param broadcast id of the broadcast that the blocks are named after
     * @param name name of the vector's blocks in it
     * @param length elements
     * @param pieces how the vector is cut into blocks
     * @param place the executor that trained them and has the replica's network, as a preferred location of Spark's
     */
    @DefaultSerializer(JavaSerializer.class)
    record Blocks(long broadcast, String name, long length, Pieces pieces, String place) implements SavedMoments {

        /** Fills a vector of the same length. */
        public void copyTo(FloatMemory target) {
            BlockPieces.copyTo(broadcast, name, pieces, target);
        }

        /** Whether every piece is on some living executor. */
        public boolean isWhole() {
            return BlockPieces.isWhole(broadcast, name, pieces, length);
        }

        /**
         * Reads {@code count} elements from {@code offset} on.
         *
         * @throws BlockPieces.LostBlockException if no living executor has them
         */
        public void read(long offset, int count, float[] target) {
            for (int done = 0; done < count; ) {
                long at = offset + done;
                int piece = Math.toIntExact(at / pieces.elements());
                int from = (int) (at % pieces.elements());
                int here = Math.min(count - done, pieces.elements(length, piece) - from);
                int to = done;
                BlockPieces.read(broadcast, name, pieces, piece, bytes -> bytes.asFloatBuffer()
                        .position(from)
                        .get(target, to, here));
                done += here;
            }
        }
    }

    /**
     * In a checkpoint.
     *
     * @param path Hadoop path of a file that {@link MomentsFile} wrote
     */
    record File(String path) implements SavedMoments {}
}

package org.seqpe.spark.train;

import java.io.Serializable;

/** Where the optimizer's moments of one replica are between two rounds. */
public sealed interface SavedMoments extends Serializable {

    /** Before the first step: zeros. */
    record Zero() implements SavedMoments {
    }

    /**
     * In Spark's block manager, on one or several executors.
     *
     * @param broadcast id of the broadcast that the blocks are named after
     * @param name      name of the vector's blocks in it
     * @param length    elements
     * @param place     the executor that trained them and has the replica's network, as a preferred location of Spark's
     */
    record Blocks(long broadcast, String name, long length, String place) implements SavedMoments {
    }

    /**
     * In a checkpoint.
     *
     * @param path Hadoop path of a file that {@link MomentsFile} wrote
     */
    record File(String path) implements SavedMoments {
    }
}

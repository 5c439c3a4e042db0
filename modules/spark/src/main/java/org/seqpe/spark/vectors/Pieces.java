package org.seqpe.spark.vectors;

import java.io.Serializable;
import org.seqpe.spark.merge.DeltaCode;

/**
 * How a vector is cut into pieces: each has {@code elements} values, the last one may have fewer. A piece is what
 * travels between machines at a time. The driver and all executors of a run have to cut alike, so the cut travels with
 * the round's plan.
 *
 * @param elements values of a piece, at least 1. What a round computes does not depend on it, with one exception:
 *     compressed deltas begin a new block of {@link DeltaCode#BLOCK} values with each piece, so there only multiples of
 *     it give the same bits
 */
public record Pieces(int elements) implements Serializable {
    /** 16 MiB of float32: small enough that Spark's fetches stay in memory. */
    public static final Pieces DEFAULT = new Pieces(1 << 22);

    /** A vector that stays together; at most 2 GB. */
    public static final Pieces WHOLE = new Pieces(Integer.MAX_VALUE / Float.BYTES);

    public Pieces {
        if (elements < 1) {
            throw new IllegalArgumentException(
                    "Cannot cut vectors: expected pieces of at least 1 value, found " + elements);
        }
    }

    /** Pieces of a vector. */
    public int count(long length) {
        return Math.toIntExact((length + elements - 1) / elements);
    }

    /** Values of one piece of a vector. */
    public int elements(long length, int piece) {
        return (int) Math.min(elements, length - offset(piece));
    }

    /** The first value of a piece. */
    public long offset(int piece) {
        return (long) piece * elements;
    }
}

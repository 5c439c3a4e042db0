package org.seqpe.evaluation;

import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What was found at one point of a sweep, and what it took.
 *
 * @param sums of all inputs of the point
 * @param seconds of wall clock time
 * @param peakMemory most resident memory meanwhile in bytes; empty where the system does not say
 * @param <S> the task's sums
 */
public record Measurement<S>(S sums, double seconds, OptionalLong peakMemory) {

    /** Measures how long the scoring takes. */
    public static <S> Measurement<S> of(Supplier<Scored<S>> scoring) {
        long start = System.nanoTime();
        Scored<S> scored = scoring.get();
        return new Measurement<>(scored.sums(), (System.nanoTime() - start) * 1e-9, scored.peakMemoryBytes());
    }

    /** The rate at which so many units were done; null where the clock did not move. */
    public Double perSecond(long units) {
        return seconds > 0 ? (Double) (units / seconds) : null;
    }

    /** The memory as rows have it: null where the system does not say. */
    public Long peakMemoryBytes() {
        return peakMemory.isPresent() ? (Long) peakMemory.getAsLong() : null;
    }
}

package org.seqpe.evaluation;

import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What was found at one point of a sweep.
 *
 * @param sums of all inputs of the point
 * @param peakMemoryBytes most resident memory of a process that took part; empty where the system does not say
 * @param <S> the task's sums
 */
public record Scored<S>(S sums, OptionalLong peakMemoryBytes) {

    /** What is found in this process. */
    public static <S> Scored<S> here(Supplier<S> scoring) {
        PeakMemory.reset();
        S sums = scoring.get();
        return new Scored<>(sums, PeakMemory.bytes());
    }
}

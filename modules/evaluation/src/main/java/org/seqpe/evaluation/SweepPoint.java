package org.seqpe.evaluation;

/** What a sweep measures a run at, such as a window length under a protocol, or a resolution. */
public interface SweepPoint {

    /** What messages call it, such as "length 512, stride 256". */
    String label();

    /** Inputs that the model reads for it: the unit of the sweep's progress. */
    long inputs();

    /**
     * What is computed for it. Points whose measurements are equal share one, although they are different rows.
     *
     * @return a value with {@code equals} and {@code hashCode}
     */
    Object measurement();
}

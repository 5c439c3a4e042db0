package org.seqpe.evaluation;

/** Is told how a sweep gets on. */
public interface SweepListener {
    SweepListener NONE = new SweepListener() { };

    /** A measurement begins; it will score this many inputs. */
    default void started(String run, int length, int stride, long inputs) {
    }

    /** That many more inputs are done with: scored, or given up where a length is refused or fails. */
    default void scored(long inputs) {
    }

    /** A row is final. */
    default void finished(SweepRow row) {
    }
}

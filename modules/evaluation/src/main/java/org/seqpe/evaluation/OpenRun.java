package org.seqpe.evaluation;

import java.util.Optional;
import java.util.function.LongConsumer;
import org.seqpe.evaluation.SweepRow.Status;

/**
 * A run whose model is in memory.
 *
 * @param <P> the task's points
 * @param <R> the task's rows
 */
public interface OpenRun<P extends SweepPoint, R extends SweepRow> extends AutoCloseable {

    /** Why the model cannot work at this point, such as "SeqPE positions end at 20000"; empty when it can. */
    Optional<String> refusal(P point);

    /**
     * Measures the model.
     *
     * @param done receives the number of inputs that have been read since the last call
     * @throws RuntimeException if there is no result; the message says why
     */
    R measure(P point, LongConsumer done);

    /** The row of a point without a result. */
    R without(P point, Status status, String message);

    /** A row as that of another point with an equal {@link SweepPoint#measurement}. */
    R as(R row, P point);

    @Override
    void close();
}

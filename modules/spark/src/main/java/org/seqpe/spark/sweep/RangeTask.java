package org.seqpe.spark.sweep;

import java.io.Serializable;
import java.util.function.LongConsumer;

/** The work of a measurement that executors share: its units are numbered, and a task does a range of them. */
interface RangeTask extends Serializable {
    /**
     * Measures the units [from, to). Whatever was opened is closed at the end.
     *
     * @param done receives the number of inputs that have been read since the last call
     * @return what was found
     * @throws org.seqpe.core.UserException where another try would end the same way
     */
    Serializable measure(long from, long to, LongConsumer done);
}

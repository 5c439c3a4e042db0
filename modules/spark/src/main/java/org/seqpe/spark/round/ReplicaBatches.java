package org.seqpe.spark.round;

import java.io.Serializable;
import java.util.Iterator;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The samples of every replica as a pure function of replica, step and position in the data, so that what is trained on
 * does not depend on executors, retries or restarts. It travels to the tasks; data is read inside them.
 */
public interface ReplicaBatches extends Serializable {

    /**
     * One DataSet per optimizer step, made as it is asked for.
     *
     * @param replica number of the model copy, from 0
     * @param firstStep optimizer steps that this replica has done before
     * @param firstSample samples that all replicas together have taken before
     * @param steps steps wanted
     * @return exactly {@code steps} DataSets of {@link #rows()} rows
     */
    Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps);

    /** Rows of every DataSet: accumulation x batch. */
    int rows();

    /** The weight of a DataSet in averages: predicted tokens of a language task, labelled pictures of an image task. */
    long weight(DataSet step);
}

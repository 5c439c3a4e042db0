package org.seqpe.data.qa.prepare;

import org.seqpe.data.prepare.TextCollector;

/**
 * How work is cut into tasks: by the input alone, so that equal input gives equal bytes on any number of machines.
 *
 * @param inputBytes bytes of files at which a collecting task is full
 * @param spoolBytes bytes of questions at which a spool file is full
 * @param partTokens tokens of made examples at which a making task is full
 */
record TaskSizes(long inputBytes, long spoolBytes, long partTokens) {
    static final TaskSizes DEFAULT = new TaskSizes(TextCollector.TASK_BYTES, 1L << 22, 1L << 20);
}

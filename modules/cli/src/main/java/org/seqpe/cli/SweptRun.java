package org.seqpe.cli;

import org.seqpe.core.config.RunConfig;
import org.seqpe.core.run.RunFolder;

/**
 * A run that is to be measured.
 *
 * @param label what tables and plots call it
 * @param config of the run, with overrides
 * @param model path of the checkpoint's parameters
 */
record SweptRun(RunFolder folder, String label, RunConfig config, String model) {}

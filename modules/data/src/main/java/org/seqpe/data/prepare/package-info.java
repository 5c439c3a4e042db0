/**
 * From a corpus to a dataset. {@link org.seqpe.data.prepare.Preparation} divides the work into independent tasks that
 * exchange files; a {@link org.seqpe.data.prepare.TaskRunner} runs them, on a cluster or in this process.
 */
package org.seqpe.data.prepare;

/**
 * From a corpus to a dataset. {@link org.seqpe.data.prepare.Preparation} divides the work into independent tasks that
 * pass each other files; a {@link org.seqpe.data.prepare.TaskRunner} runs them, on a cluster or here.
 */
package org.seqpe.data.prepare;

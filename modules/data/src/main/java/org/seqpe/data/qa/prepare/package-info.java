/**
 * Makes datasets of questions and answers: {@link org.seqpe.data.qa.prepare.AnswerPreparation} runs its tasks by
 * whatever {@link org.seqpe.data.prepare.TaskRunner} it is given.
 */
package org.seqpe.data.qa.prepare;

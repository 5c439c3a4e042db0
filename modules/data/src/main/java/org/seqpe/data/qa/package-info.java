/**
 * Prepared questions and answers: an {@link org.seqpe.data.qa.AnswerDataset} holds
 * {@link org.seqpe.data.qa.AnswerSplit}s, an {@link org.seqpe.data.qa.AnswerPlan} says which examples each replica
 * trains on at each step.
 */
package org.seqpe.data.qa;

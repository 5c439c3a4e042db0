/**
 * Distributed training: rounds of local steps with parameter averaging (docs/training.md).
 * {@link org.seqpe.spark.train.TrainJob} is where it begins, {@link org.seqpe.spark.train.TrainLoop} the loop over
 * rounds, {@link org.seqpe.spark.round.RoundTrainingMaster} one round on DL4J Spark's parameter averaging.
 */
package org.seqpe.spark.train;

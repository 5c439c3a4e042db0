/** Sweeps whose windows are scored by Spark's executors. */
package org.seqpe.spark.sweep;

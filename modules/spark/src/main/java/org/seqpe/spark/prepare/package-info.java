/** Preparing datasets with Spark. */
package org.seqpe.spark.prepare;

/** Questions for replicas, and answers measured on the driver. */
package org.seqpe.spark.qa;

/** Training on pictures: the only part of this module, beside the sweep's, that knows of them. */
package org.seqpe.spark.image;

/** Where pictures come from: finding a corpus's pictures and their classes, and reading them, without Spark. */
package org.seqpe.data.image.corpus;

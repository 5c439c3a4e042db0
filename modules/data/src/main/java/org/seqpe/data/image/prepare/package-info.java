/**
 * From a corpus of pictures to a dataset. {@link org.seqpe.data.image.prepare.ImagePreparation} divides the work into
 * independent tasks, as the preparation of texts does.
 */
package org.seqpe.data.image.prepare;

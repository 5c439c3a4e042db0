/**
 * How a picture becomes what a vision Transformer reads: {@link org.seqpe.data.image.augment.TrainingView} varies it at
 * random by the recipe of timm 0.4.12, {@link org.seqpe.data.image.augment.EvaluationView} does not, and
 * {@link org.seqpe.data.image.augment.Mixing} mixes the pictures of a batch.
 *
 * <p>Every random choice comes from the {@link org.seqpe.core.random.RandomStream} that a caller passes: the same
 * picture and stream give the same bits in every run and thread. Operations on 8-bit pictures give what Pillow 9.4
 * gives, to the bit.
 */
package org.seqpe.data.image.augment;

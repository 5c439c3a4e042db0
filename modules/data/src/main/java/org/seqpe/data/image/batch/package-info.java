/**
 * Pictures as training and evaluation read them: {@link org.seqpe.data.image.batch.TrainingPictures} says what each
 * replica sees at each step.
 */
package org.seqpe.data.image.batch;

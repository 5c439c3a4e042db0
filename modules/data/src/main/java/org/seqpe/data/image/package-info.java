/**
 * Pictures: what a decoded one is, decoding of JPEG and PNG files, and resampling. How training and evaluation turn a
 * picture into numbers is in {@link org.seqpe.data.image.augment}.
 */
package org.seqpe.data.image;

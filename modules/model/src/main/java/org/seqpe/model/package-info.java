/**
 * The Transformer, its position encodings and its objective, written once against {@link org.seqpe.compute.Device}:
 * forward and backward passes by hand. Letters as in {@link org.seqpe.compute}.
 */
package org.seqpe.model;

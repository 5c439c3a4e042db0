/**
 * The Transformer, its position encodings and its objective, written once against {@link org.seqpe.compute.Device}.
 * Forward and backward passes are written by hand. Letters as in {@link org.seqpe.compute}.
 */
package org.seqpe.model;

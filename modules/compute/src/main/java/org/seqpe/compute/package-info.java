/**
 * Tensors and the kernels that compute on them, behind one small interface with several devices.
 *
 * <p>Letters used in every signature: B batch, T tokens, C channels, H heads, D head width, V vocabulary, P positions,
 * G digits, L layers, N rows of a matrix.
 */
package org.seqpe.compute;

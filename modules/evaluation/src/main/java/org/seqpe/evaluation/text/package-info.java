/**
 * Language models over window lengths: windows over a token stream, their losses, and the rows of a sweep (method.md
 * section 7). Letters: B windows scored at once, T the length of a window, S its stride.
 */
package org.seqpe.evaluation.text;

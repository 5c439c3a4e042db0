/**
 * How far a trained model extrapolates: windows over a token stream, their losses, sweeps over runs and lengths, tables and the report
 * (method.md section 7 in words: docs/evaluation.md). Letters: B windows scored at once, T the length of a window, S its stride.
 */
package org.seqpe.evaluation;

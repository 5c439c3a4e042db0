/**
 * How far a trained model extrapolates: windows over a token stream, their losses, sweeps over runs and lengths, tables
 * and the report (method.md section 7; docs/evaluation.md has every number). Letters: B windows scored at once, T the
 * length of a window, S its stride.
 */
package org.seqpe.evaluation;

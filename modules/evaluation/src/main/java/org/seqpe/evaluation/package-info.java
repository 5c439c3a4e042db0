/**
 * How far trained models extrapolate, for every task: a sweep over runs and points, and what its rows show to tables
 * and reports (docs/evaluation.md has every number). The packages of the tasks measure; the package report writes.
 */
package org.seqpe.evaluation;

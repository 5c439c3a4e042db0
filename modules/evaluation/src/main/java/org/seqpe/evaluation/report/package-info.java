/** What a sweep leaves behind: sweep.json, sweep.csv, tables for the terminal, and report.html. */
package org.seqpe.evaluation.report;

/** Answers to questions about a context: prompts whose continuation is learned, of different lengths in one batch. */
package org.seqpe.model.qa;

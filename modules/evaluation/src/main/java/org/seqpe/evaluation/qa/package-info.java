/** Answers to questions, scored by their texts and by their losses, over the lengths of contexts. */
package org.seqpe.evaluation.qa;

/** Runs of one configuration with different seeds as one line of tables and plots. */
package org.seqpe.evaluation.group;

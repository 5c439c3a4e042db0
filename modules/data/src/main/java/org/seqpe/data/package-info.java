/**
 * Prepared tokens, read: a {@link org.seqpe.data.TokenDataset} holds {@link org.seqpe.data.TokenSplit}s, a
 * {@link org.seqpe.data.BatchPlan} says which tokens each replica trains on at each step.
 */
package org.seqpe.data;

/**
 * Reads prepared tokens: a {@link org.seqpe.data.text.window.TokenDataset} holds
 * {@link org.seqpe.data.text.window.TokenSplit}s, a {@link org.seqpe.data.text.window.BatchPlan} says which tokens each
 * replica trains on at each step.
 */
package org.seqpe.data;

/**
 * The model as DL4J sees it: one output layer in a one-layer network, whose parameters are one flat vector. DL4J keeps
 * counters, updater state, listeners and serialization; everything computed is {@link org.seqpe.model}'s.
 */
package org.seqpe.model.dl4j;

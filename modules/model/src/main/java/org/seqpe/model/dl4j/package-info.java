/**
 * The model as DL4J sees it: one output layer in a one-layer network, whose parameters are one flat vector. DL4J
 * manages counters, updater state, listeners and serialization; {@link org.seqpe.model} does all computation.
 */
package org.seqpe.model.dl4j;

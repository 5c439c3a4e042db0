package org.seqpe.model.dl4j;

import org.seqpe.model.Losses;

/**
 * Losses and gradient norms of a replica's last optimizer step.
 *
 * @param losses means over the step's batches; the transfer loss over those that have one
 * @param modelNorm gradient norm of the main model before clipping
 * @param positionNorm gradient norm of the position encoder before clipping; 0 where there is none
 */
public record StepReport(Losses losses, double modelNorm, double positionNorm) {}

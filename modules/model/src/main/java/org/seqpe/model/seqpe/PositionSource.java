package org.seqpe.model.seqpe;

/**
 * Where the positions and masks of training passes come from: the run's samplers, or a recording from another
 * implementation.
 */
public interface PositionSource {
    /**
     * The positions of a pass. Their arrays are valid until the next call.
     *
     * @param pass counted from 0 over the whole run: step * accumulation + batch of the step
     */
    StepPositions draw(long pass);
}

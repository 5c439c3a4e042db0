package org.seqpe.model;

/** Where the positions and masks of a training pass come from: the run's samplers, or a recording of another implementation's. */
public interface StepInputs {
    /**
     * The input of a pass. Its arrays are valid until the next call.
     *
     * @param pass    counted from 0 over the whole run: step * accumulation + batch of the step
     * @param tokens  [B * T]
     * @param targets [B * T]
     */
    StepInput draw(long pass, int[] tokens, int[] targets, int batch);
}

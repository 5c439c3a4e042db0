package org.seqpe.evaluation.text;

import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.evaluation.SweepPoint;

/**
 * A window length under a protocol.
 *
 * @param plan where the windows lie; protocols whose windows lie the same way share one measurement
 */
record LanguagePoint(Protocol protocol, WindowPlan plan) implements SweepPoint {

    @Override
    public String label() {
        return "length " + plan.length() + ", stride " + plan.stride();
    }

    @Override
    public long inputs() {
        return plan.inputs();
    }

    @Override
    public WindowPlan measurement() {
        return plan;
    }
}

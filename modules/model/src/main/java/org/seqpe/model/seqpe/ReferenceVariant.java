package org.seqpe.model.seqpe;

/**
 * Which of the authors' two implementations the samplers follow where they differ; the shares of candidate kinds, which
 * differ too, are configuration.
 */
public enum ReferenceVariant {
    /** Transfer windows start at T/4 or later (1-D); a distributional window starts where its range still fits. */
    TEXT,
    /**
     * Transfer windows start at T or later (1-D); a distributional window (1-D) may start anywhere and is cut off at
     * the last position.
     */
    IMAGE
}

package org.seqpe.core.config;

import java.util.List;

/**
 * What a sweep measures (method.md section 7).
 *
 * @param split     split that is read
 * @param lengths   window lengths
 * @param protocols non-overlapping windows, sliding ones, or both
 * @param stride    tokens a sliding window moves, at most the length
 * @param maxTokens most tokens of the split that are read; 0 for all
 * @param batchTokens tokens put through the model at once
 */
public record EvaluationConfig(String split, List<Integer> lengths, List<Protocol> protocols, int stride, long maxTokens, int batchTokens) {
    public EvaluationConfig {
        lengths = List.copyOf(lengths);
        protocols = List.copyOf(protocols);
    }

    /** How windows lie on the token stream. */
    public enum Protocol { NON_OVERLAPPING, SLIDING }
}

package org.seqpe.evaluation.report;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run comes from.
 *
 * @param run its name
 * @param facts what identifies it, such as data hash, commit, versions and hardware, in the order in which it is shown
 * @param config its resolved configuration as text
 */
public record Provenance(String run, Map<String, String> facts, String config) {
    public Provenance {
        facts = new LinkedHashMap<>(facts);
    }
}

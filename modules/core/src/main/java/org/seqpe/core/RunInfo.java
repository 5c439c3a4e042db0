package org.seqpe.core;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * Where a run comes from, as run.json keeps it.
 *
 * @param name       of the run
 * @param created    when its first start was, ISO 8601 in UTC
 * @param commit     of the sources, or "unknown"
 * @param versions   of seqpe-spark and what it stands on
 * @param dataManifestSha256 of the manifest of the data it trains on
 * @param replicas   model copies that are averaged
 */
public record RunInfo(String name, String created, String commit, Map<String, String> versions, String dataManifestSha256, int replicas) {

    /** A run that starts now with this build. */
    public static RunInfo now(String name, String dataManifestSha256, int replicas) {
        return new RunInfo(name, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), BuildInfo.commit(), BuildInfo.versions(), dataManifestSha256, replicas);
    }
}

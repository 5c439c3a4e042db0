package org.seqpe.core.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.io.Json;

/**
 * Where a run comes from, as run.json keeps it.
 *
 * @param name name of the run
 * @param created time of its first start, ISO 8601 in UTC
 * @param commit commit of the sources, or "unknown"
 * @param versions versions of seqpe-spark and of the libraries below it
 * @param machine the driver's machine at the first start; null in older files, which did not record it
 * @param dataManifestSha256 SHA-256 of the manifest of the training data
 * @param replicas model copies that are averaged, at the first start
 * @param changes later changes of the number of replicas, in the order of steps
 */
public record RunInfo(
        String name,
        String created,
        String commit,
        Map<String, String> versions,
        Machine machine,
        String dataManifestSha256,
        int replicas,
        List<ReplicaChange> changes) {
    private static final String CHANGES = "changes";
    private static final String MACHINE = "machine";

    public RunInfo {
        changes = List.copyOf(changes);
    }

    /** The number of replicas from a step on. */
    public record ReplicaChange(long step, int replicas) {}

    /**
     * A run that starts now with this build.
     *
     * @param device device on which the driver computes
     */
    public static RunInfo now(String name, String device, String dataManifestSha256, int replicas) {
        return new RunInfo(
                name,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                BuildInfo.commit(),
                BuildInfo.versions(),
                Machine.here(device),
                dataManifestSha256,
                replicas,
                List.of());
    }

    /** Reads the file of a run. Older files have no changes of the number of replicas and no machine. */
    static RunInfo read(String path) {
        ObjectNode content = Json.readFile(path, ObjectNode.class);
        if (!content.has(CHANGES)) {
            content.putArray(CHANGES);
        }
        if (!content.has(MACHINE)) {
            content.putNull(MACHINE);
        }
        return Json.convert(content, RunInfo.class, path);
    }

    /** A copy with another number of replicas from a step on. It replaces what was recorded about later steps. */
    RunInfo withReplicas(long step, int count) {
        List<ReplicaChange> earlier =
                changes.stream().filter(change -> change.step() < step).toList();
        List<ReplicaChange> all = Stream.concat(earlier.stream(), Stream.of(new ReplicaChange(step, count)))
                .toList();
        return new RunInfo(name, created, commit, versions, machine, dataManifestSha256, replicas, all);
    }
}

package org.seqpe.core.run;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.events.EventFiles;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;

/**
 * A run: a self-describing folder on a Hadoop path.
 *
 * <pre>
 * config.conf      the resolved configuration
 * run.json         where the run comes from ({@link RunInfo})
 * metrics.jsonl    one line a round ({@link MetricsLog})
 * tensorboard/     the same for TensorBoard ({@link EventFiles})
 * checkpoints/     {@link Checkpoints}
 * lock.json        while a job works on it ({@link RunLock})
 * sweep.csv, sweep.json, report.html
 * </pre>
 */
public final class RunFolder {
    private static final String REPLICAS = "seqpe.train.replicas";
    /**
     * Keys that may change together with the number of replicas, so that the number of tokens per step can stay the
     * same.
     */
    private static final List<String> SHARES = List.of(REPLICAS, "seqpe.train.batch", "seqpe.train.accumulation");

    private final String path;

    public RunFolder(String path) {
        this.path = path;
    }

    public String path() {
        return path;
    }

    /** Whether a run was begun here. */
    public boolean exists() {
        return HadoopFiles.exists(file("config.conf"));
    }

    /** Like the other {@code begin}, but the number of replicas must not change. */
    public void begin(RunConfig config, RunInfo info) {
        begin(config, info, false);
    }

    /**
     * Begins a run here, or checks that the existing run is the same. The data must be equal, and so must the
     * configuration, except for keys that do not affect what is trained, and for the steps, which may be raised. Values
     * that may change are saved by {@link #saveConfig}, after the whole run was found usable.
     *
     * @param newReplicas whether the number of replicas may change, and with it the batch and the accumulation of each
     * @throws UserException if the folder holds another run; the message names what differs
     */
    public void begin(RunConfig config, RunInfo info, boolean newReplicas) {
        if (exists()) {
            refuseOther(config, info, newReplicas);
        } else {
            HadoopFiles.createFolders(path);
            // config.conf is what makes a folder a run, so it is written last.
            HadoopFiles.writeAtomically(file("run.json"), Json.pretty(info));
            saveConfig(config);
        }
    }

    /** Saves the configuration with which the run continues. */
    public void saveConfig(RunConfig config) {
        HadoopFiles.writeAtomically(file("config.conf"), config.toHocon());
    }

    /** Records that the run continues with another number of replicas. */
    public void recordReplicas(long step, int replicas) {
        HadoopFiles.writeAtomically(file("run.json"), Json.pretty(info().withReplicas(step, replicas)));
    }

    private void refuseOther(RunConfig config, RunInfo info, boolean newReplicas) {
        Map<String, String> before = config().values();
        Map<String, String> now = config.values();
        Set<String> changeable = config.changeable();
        StringBuilder differences = new StringBuilder();
        for (String key : now.keySet()) {
            boolean free = changeable.contains(key) || newReplicas && SHARES.contains(key);
            if (!free
                    && !Objects.equals(before.get(key), now.get(key))
                    && !isMoreSteps(key, before.get(key), now.get(key))) {
                differences
                        .append("\n  ")
                        .append(key)
                        .append(": ")
                        .append(before.get(key))
                        .append(" there, ")
                        .append(now.get(key))
                        .append(" now");
            }
        }
        String sha256 = info().dataManifestSha256();
        if (!sha256.equals(info.dataManifestSha256())) {
            differences
                    .append("\n  SHA-256 of the data manifest: ")
                    .append(sha256)
                    .append(" there, ")
                    .append(info.dataManifestSha256())
                    .append(" now");
        }
        if (!differences.isEmpty()) {
            String replicas = now.get(REPLICAS);
            throw new UserException("Cannot continue the run in " + path + ": it was begun differently:" + differences
                    + "\nUse the settings it was begun with (" + file("config.conf") + "), or another run folder."
                    + (replicas.equals(before.get(REPLICAS))
                            ? ""
                            : " To go on with another number of replicas, say so with --replicas " + replicas + "."));
        }
    }

    /**
     * Whether a change only raises the number of steps. A run may continue for longer than planned; a schedule that
     * ends with the last step is stretched from then on.
     */
    private static boolean isMoreSteps(String key, String before, String now) {
        return key.equals("seqpe.train.steps") && before != null && Long.parseLong(now) > Long.parseLong(before);
    }

    /** The configuration that was saved. */
    public RunConfig config() {
        return config(List.of());
    }

    /** The configuration that was saved, with {@code key=value} overrides. */
    public RunConfig config(List<String> overrides) {
        requireRun();
        RunConfig saved;
        try {
            saved = ConfigReader.readSaved(file("config.conf"), List.of());
        } catch (UserException e) {
            throw new UserException(
                    e.getMessage() + " The run in " + path + " was begun by commit " + info().commit()
                            + ", this is commit " + BuildInfo.commit()
                            + ": continue it with that version, or begin another run.",
                    e);
        }
        return overrides.isEmpty() ? saved : ConfigReader.readSaved(file("config.conf"), overrides);
    }

    /** Where the run comes from. */
    public RunInfo info() {
        requireRun();
        return RunInfo.read(file("run.json"));
    }

    private void requireRun() {
        if (!exists()) {
            throw new UserException("Cannot use " + path + " as a run folder: expected " + file("config.conf")
                    + ", found nothing there; 'seqpe train' makes run folders.");
        }
    }

    public MetricsLog metrics() {
        return new MetricsLog(metricsFile());
    }

    public String metricsFile() {
        return file("metrics.jsonl");
    }

    /** Where TensorBoard's event files are. */
    public String tensorboard() {
        return file("tensorboard");
    }

    public Checkpoints checkpoints() {
        return new Checkpoints(file("checkpoints"));
    }

    /**
     * Reserves the folder for this process until the lock is closed.
     *
     * @param force take it from any current holder
     * @throws UserException if another job works on the folder
     */
    public RunLock lock(boolean force) {
        HadoopFiles.createFolders(path);
        return RunLock.acquire(file("lock.json"), force);
    }

    public String sweepCsv() {
        return file("sweep.csv");
    }

    public String sweepJson() {
        return file("sweep.json");
    }

    public String report() {
        return file("report.html");
    }

    private String file(String name) {
        return HadoopFiles.resolve(path, name);
    }
}

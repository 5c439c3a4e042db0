package org.seqpe.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.run.RunFolder;
import org.seqpe.core.run.RunInfo;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepView;
import org.seqpe.evaluation.group.GroupedView;
import org.seqpe.evaluation.report.Provenance;
import org.seqpe.evaluation.report.Report;
import org.seqpe.evaluation.report.ReportData;
import org.seqpe.evaluation.report.SweepFiles;
import org.seqpe.evaluation.report.SweepTables;
import org.seqpe.evaluation.report.TrainingCurve;

/**
 * Makes reports from the contents of run folders.
 *
 * @param <R> the task's rows
 */
final class RunReports<R extends SweepRow> {
    private final SweepView<R> view;
    private final SweepFiles<R> files;

    /** @param view how rows are shown */
    RunReports(SweepView<R> view) {
        this.view = view;
        this.files = new SweepFiles<>(view.rows());
    }

    /** The reports of a task. */
    static <R extends SweepRow> RunReports<R> of(TaskSweep<R> task) {
        return new RunReports<>(task.view());
    }

    /** The results of a run's last sweep; empty if it has not been swept yet. */
    List<R> sweepRows(RunFolder run) {
        if (!HadoopFiles.exists(run.sweepJson())) {
            return List.of();
        }
        try (InputStream in = HadoopFiles.open(run.sweepJson())) {
            return files.readJson(in, run.sweepJson());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + run.sweepJson(), e);
        }
    }

    /**
     * The tables that a command prints.
     *
     * @param groups of runs, as {@link RunGroups} makes them; empty to show runs
     */
    String tables(List<R> rows, Map<String, String> groups) {
        SweepTables<R> tables = new SweepTables<>(view);
        if (groups.isEmpty()) {
            return tables.toText(rows);
        }
        GroupedView<R> grouped = new GroupedView<>(view, rows, groups);
        return "Mean over the runs of a group, with the interval of this mean.\n\n"
                + new SweepTables<>(grouped).pivotsToText(grouped.grouped())
                + "All measurements:\n\n" + tables.detail(rows).toText();
    }

    /**
     * Writes sweep.csv, sweep.json and report.html of these runs to a folder, which may be a run folder or any other.
     */
    void writeSweep(RunFolder target, List<RunFolder> runs, List<R> rows, Map<String, String> groups) {
        HadoopFiles.writeAtomically(target.sweepCsv(), out -> files.writeCsv(rows, out));
        HadoopFiles.writeAtomically(target.sweepJson(), out -> files.writeJson(rows, out));
        write(target.report(), runs, rows, groups);
    }

    /** Writes the page about these runs. The rows name runs by {@link RunLabels}. */
    void write(String path, List<RunFolder> runs, List<R> rows, Map<String, String> groups) {
        RunLabels labels = new RunLabels(runs);
        List<TrainingCurve> curves = runs.stream()
                .map(run -> TrainingCurve.of(labels.of(run), run.metrics()))
                .toList();
        List<Provenance> origins =
                runs.stream().map(run -> provenance(run, labels.of(run))).toList();
        String title = String.join(", ", origins.stream().map(Provenance::run).toList());
        HadoopFiles.writeAtomically(
                path, out -> Report.write(new ReportData<>(title, view, rows, groups, curves, origins), out));
    }

    private static Provenance provenance(RunFolder run, String label) {
        RunInfo info = run.info();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("folder", run.path());
        facts.put("created", info.created());
        facts.put("commit", info.commit());
        facts.put("data manifest sha256", info.dataManifestSha256());
        facts.put("replicas", String.valueOf(info.replicas()));
        info.versions().forEach((name, version) -> facts.put(name + " version", version));
        return new Provenance(label, facts, run.config().toHocon());
    }
}

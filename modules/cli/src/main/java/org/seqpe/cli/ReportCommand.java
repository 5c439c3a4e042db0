package org.seqpe.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.seqpe.core.UserException;
import org.seqpe.core.run.RunFolder;
import org.seqpe.evaluation.SweepRow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seqpe report}: makes one page about any number of runs from their folders. */
@Command(
        name = "report",
        description =
                "Writes report.html about runs: extrapolation, training curves and where they come from. The page needs no network.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe report runs/quickstart",
            "  seqpe report runs/wikitext103 runs/wikitext103-rope --output comparison.html",
            "  seqpe report runs/rope-* runs/seqpe-* --group --output comparison.html"
        })
final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "RUN", description = "Run folders that 'seqpe train' made.")
    private List<String> folders;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "The page; report.html in the run folder where there is only one run.")
    private String output;

    @Option(
            names = "--group",
            description = "Show runs that differ in name and seed alone as one line: their mean, and its interval.")
    private boolean group;

    @Override
    public Integer call() {
        List<RunFolder> runs = folders.stream().map(RunFolder::new).toList();
        if (output == null && runs.size() > 1) {
            throw new UserException(
                    "Cannot tell where to write a report about " + runs.size() + " runs: name it with --output FILE.");
        }
        String path = output == null ? runs.get(0).report() : output;
        Outputs.requireFile(path);
        write(RunTasks.of(runs), runs, path);
        spec.commandLine().getOut().println("Report: " + path);
        return 0;
    }

    private <R extends SweepRow> void write(TaskSweep<R> task, List<RunFolder> runs, String path) {
        RunReports<R> reports = RunReports.of(task);
        RunLabels labels = new RunLabels(runs);
        List<R> rows = new ArrayList<>();
        runs.forEach(run -> rows.addAll(
                labels.label(run, reports.sweepRows(run), task.view().rows())));
        Map<String, String> groups = group ? RunGroups.of(runs, labels) : Map.of();
        reports.write(path, runs, rows, groups);
        if (!rows.isEmpty()) {
            spec.commandLine().getOut().println(reports.tables(rows, groups));
        }
    }
}

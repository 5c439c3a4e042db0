package org.seqpe.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.seqpe.bench.ScalingReport.Measurement;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How the cost of our training step grows with threads, length and width. */
@Command(
        name = "scaling",
        description = {
            "Measures training steps here against the number of threads, the length (at a constant number of tokens) and the width.",
            "Expected exponents of length and width are those of the number of floating-point operations."
        })
final class ScalingCommand implements Callable<Integer> {
    /** D, which stays the same while the model grows wider. */
    private static final int HEAD_WIDTH = 64;

    @Spec
    private CommandSpec spec;

    @Mixin
    private WorkloadOptions options;

    @Option(
            names = "--lengths",
            split = ",",
            defaultValue = "128,256,512,1024,2048,4096,8192",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> lengths;

    @Option(
            names = "--widths",
            split = ",",
            defaultValue = "64,128,256,512,1024",
            description = "Multiples of 64 (default: ${DEFAULT-VALUE}).")
    private List<Integer> widths;

    @Option(
            names = "--tokens",
            defaultValue = "8192",
            description = "Tokens of a step where the length varies (default: 8192).")
    private int tokens;

    @Option(names = "--warmup", defaultValue = "3", description = "Steps before those that count (default: 3).")
    private int warmup;

    @Option(names = "--rounds", defaultValue = "5", description = "Steps that count (default: 5).")
    private int rounds;

    @Option(
            names = "--output",
            defaultValue = "scaling.json",
            description = "Where the results go (default: scaling.json).")
    private Path output;

    @Override
    public Integer call() {
        TextWorkload base = options.textWorkload();
        if (warmup < 1 || rounds < 1) {
            throw new UserException("Cannot measure: expected at least 1 step of warmup and 1 that counts, found "
                    + warmup + " and " + rounds + " (--warmup, --rounds).");
        }
        for (int length : lengths) {
            if (length > tokens || tokens % length != 0) {
                throw new UserException("Cannot measure length " + length + ": expected a divisor of the " + tokens
                        + " tokens of a step (--lengths, --tokens).");
            }
        }
        for (int width : widths) {
            if (width % HEAD_WIDTH != 0) {
                throw new UserException("Cannot measure width " + width + ": expected a multiple of the head width "
                        + HEAD_WIDTH + " (--widths).");
            }
        }
        Machine machine = Machine.current();
        // The virtual machine compiles what all steps share.
        measure(0, base, 3 * warmup);
        List<Measurement> byThreads = IntStream.rangeClosed(1, base.threads())
                .mapToObj(n -> measure(n, base.withThreads(n), warmup))
                .toList();
        List<Measurement> byLength = lengths.stream()
                .map(length -> measure(length, base.withBatchOf(tokens / length, length), warmup))
                .toList();
        List<Measurement> byWidth = widths.stream()
                .map(width -> measure(width, base.withWidth(width, width / HEAD_WIDTH), warmup))
                .toList();
        List<ScalingReport.Series> series = new ArrayList<>();
        series.add(ScalingReport.series(
                "threads", "tokens/s", byThreads, Measurement::tokensPerSecond, Measurement::value));
        series.add(ScalingReport.series(
                "length", "time a token", byLength, Measurement::secondsPerToken, Measurement::flopsPerToken));
        series.add(ScalingReport.series(
                "width", "time a token", byWidth, Measurement::secondsPerToken, Measurement::flopsPerToken));
        ScalingReport report = new ScalingReport(machine, base, series);
        PrintWriter out = spec.commandLine().getOut();
        out.print(report.table());
        out.flush();
        // Not as a URI: a path of HadoopFiles is taken literally, and a space would be %20 in the file's name.
        HadoopFiles.writeAtomically("file:" + output.toAbsolutePath(), Json.pretty(report));
        return 0;
    }

    private Measurement measure(int value, TextWorkload workload, int warmupSteps) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(workload.describe());
        err.flush();
        try (Side side = new SeqPeSide(workload)) {
            return new Measurement(
                    value,
                    workload,
                    Alternation.run(
                                    List.of(side),
                                    List.of(workload.batch(0)),
                                    warmupSteps,
                                    rounds,
                                    Side::train,
                                    round -> {})
                            .get(0)
                            .wall());
        } finally {
            // The memory outside of the Java heap goes with the objects that own it.
            System.gc();
        }
    }
}

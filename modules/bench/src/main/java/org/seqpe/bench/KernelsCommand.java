package org.seqpe.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.seqpe.bench.kernels.KernelBenchmark;
import org.seqpe.bench.kernels.ProcessorTime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** JMH over all kernels, with a table of both devices side by side. */
@Command(
        name = "kernels",
        description =
                "Measures every kernel of the CPU device and of plain ND4J with JMH, each benchmark in a JVM of its own.")
final class KernelsCommand implements Callable<Integer> {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "PATTERN",
            description = "Regular expressions: kernels whose names match one (default: all).")
    private List<String> patterns = List.of();

    @Option(names = "--devices", split = ",", defaultValue = "cpu,nd4j", description = "Default: ${DEFAULT-VALUE}.")
    private List<String> devices;

    @Option(
            names = "--shapes",
            split = ",",
            defaultValue = "small",
            description = "quickstart, small, gpt2, long (default: ${DEFAULT-VALUE}).")
    private List<String> shapes;

    @Option(names = "--threads", defaultValue = "2", description = "Threads of the device (default: 2).")
    private int threads;

    @Option(
            names = "--seconds",
            defaultValue = "1",
            description = "Length of an iteration (default: 1); 3 are warmup, 5 count.")
    private int seconds;

    @Option(
            names = "--output",
            defaultValue = "kernels.json",
            description = "Where JMH's results go (default: kernels.json).")
    private Path output;

    @Override
    public Integer call() throws RunnerException {
        ChainedOptionsBuilder builder = new OptionsBuilder()
                .shouldFailOnError(true)
                .addProfiler(GCProfiler.class)
                .addProfiler(ProcessorTime.class)
                .resultFormat(ResultFormatType.JSON)
                .result(output.toString())
                .warmupTime(TimeValue.seconds(seconds))
                .measurementTime(TimeValue.seconds(seconds))
                .param("device", devices.toArray(String[]::new))
                .param("shape", shapes.toArray(String[]::new))
                .param("threads", "" + threads);
        String own = KernelBenchmark.class.getPackageName().replace(".", "\\.");
        if (patterns.isEmpty()) {
            builder.include(own);
        }
        patterns.forEach(pattern -> builder.include(own + ".*(" + pattern + ")"));
        PrintWriter out = spec.commandLine().getOut();
        out.print(table(new Runner(builder.build()).run()));
        out.flush();
        return 0;
    }

    /**
     * Milliseconds of each device, how many times as fast the first is, its processor time, and the bytes that a call
     * of it allocates on the heap.
     */
    private String table(Collection<RunResult> results) {
        Map<String, Map<String, RunResult>> byKernel = new TreeMap<>();
        for (RunResult result : results) {
            String name = result.getParams().getBenchmark().replaceFirst(".*\\.", "");
            String variant = result.getParams().getParam("variant");
            String kernel = name + (variant == null ? "" : " " + variant) + ", "
                    + result.getParams().getParam("shape");
            byKernel.computeIfAbsent(kernel, key -> new TreeMap<>())
                    .put(result.getParams().getParam("device"), result);
        }
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-50s", "ms a call"));
        devices.forEach(device -> text.append(String.format(Locale.ROOT, " %10s", device)));
        text.append(devices.size() > 1 ? "      ratio" : "").append("   CPU time  bytes a call\n");
        byKernel.forEach((kernel, each) -> {
            text.append(String.format(Locale.ROOT, "%-50s", kernel));
            devices.forEach(
                    device -> text.append(String.format(Locale.ROOT, " %10.3f", milliseconds(each.get(device)))));
            if (devices.size() > 1) {
                text.append(String.format(
                        Locale.ROOT,
                        " %10.2f",
                        milliseconds(each.get(devices.get(1))) / milliseconds(each.get(devices.get(0)))));
            }
            text.append(String.format(
                    Locale.ROOT,
                    " %10.3f %13.0f%n",
                    each.get(devices.get(0))
                            .getSecondaryResults()
                            .get(ProcessorTime.NAME)
                            .getScore(),
                    each.get(devices.get(0))
                            .getSecondaryResults()
                            .get(ALLOCATED)
                            .getScore()));
        });
        return text.toString();
    }

    private static double milliseconds(RunResult result) {
        return result.getPrimaryResult().getScore();
    }
}

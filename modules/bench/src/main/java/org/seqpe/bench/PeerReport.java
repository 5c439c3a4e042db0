package org.seqpe.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.seqpe.bench.Side.Phases;

/**
 * What a comparison found, as written to peer.json.
 *
 * @param gflop 10^9 floating-point operations of the main model's matrix products in one step
 * @param agreement null where the sides are not meant to compute the same
 * @param ratios of median times, by what is divided by what
 */
record PeerReport(
        Machine machine,
        Workload workload,
        String mode,
        double gflop,
        GemmCeiling ceiling,
        Agreement agreement,
        List<Entry> sides,
        Map<String, Double> ratios) {
    /**
     * One side.
     *
     * @param timing of a step
     * @param rate GFLOP/s
     * @param share of the ceiling
     * @param phases seconds, of a step that was measured part by part; null in evaluation
     * @param sections seconds of a step by what kernels do; empty where it is not known
     * @param memory null where it was not measured
     */
    record Entry(
            String name,
            Alternation.Timing timing,
            double rate,
            double share,
            Phases phases,
            Map<String, Double> sections,
            MemoryUse memory) {}

    /** For the console. */
    String table() {
        StringBuilder text = new StringBuilder();
        line(text, "%s: %s", mode, workload.describe());
        line(
                text,
                "%s, %d cores, load %.1f, commit %s",
                machine.processor(),
                machine.cores(),
                machine.load(),
                machine.commit());
        line(
                text,
                "One matrix product: seqpe %.0f, libtorch %.0f (oneDNN) and %.0f (OpenBLAS) GFLOP/s. A step has %.1f GFLOP.",
                ceiling.seqpe(),
                ceiling.onednn(),
                ceiling.openblas(),
                gflop);
        if (agreement != null) {
            line(
                    text,
                    "Agreement: losses within %.1e, gradient norms within %.1e, over %d training steps.",
                    agreement.losses(),
                    agreement.gradientNorms(),
                    agreement.steps());
        }
        line(text, "");
        line(
                text,
                "%-26s %9s %19s %9s %9s %8s %8s %23s %16s",
                "ms a step",
                "median",
                "quartiles",
                "best",
                "CPU time",
                "GFLOP/s",
                "ceiling",
                "forward/backward/update",
                "memory (growth)");
        for (Entry side : sides) {
            Samples wall = side.timing.wall();
            line(
                    text,
                    "%-26s %9.1f %9.1f %9.1f %9.1f %9.1f %8.1f %7.0f%% %23s %16s",
                    side.name,
                    1e3 * wall.median(),
                    1e3 * wall.lowerQuartile(),
                    1e3 * wall.upperQuartile(),
                    1e3 * wall.best(),
                    1e3 * side.timing.processor().median(),
                    side.rate,
                    100 * side.share,
                    shares(side.phases),
                    side.memory == null ? "" : side.memory.describe());
        }
        line(text, "");
        ratios.forEach((name, value) -> line(text, "%-60s %.2f", name, value));
        for (Entry side : sides) {
            if (!side.sections.isEmpty()) {
                line(text, "");
                double total = side.sections.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum();
                line(text, "%s, one step of %.1f ms measured kernel by kernel:", side.name, 1e3 * total);
                side.sections.entrySet().stream()
                        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                        .forEach(section -> line(
                                text,
                                "  %-14s %8.1f ms %5.1f%%",
                                section.getKey(),
                                1e3 * section.getValue(),
                                100 * section.getValue() / total));
            }
        }
        return text.toString();
    }

    private static String shares(Phases phases) {
        return phases == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%.0f%% / %.0f%% / %.0f%%",
                        100 * phases.forward() / phases.total(),
                        100 * phases.backward() / phases.total(),
                        100 * phases.optimizer() / phases.total());
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
    }
}

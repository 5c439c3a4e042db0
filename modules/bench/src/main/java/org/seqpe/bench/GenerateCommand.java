package org.seqpe.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.seqpe.core.UserException;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The comparison of generation. */
@Command(
        name = "generate",
        description = {
            "Compares how fast texts are continued here and in libtorch, both with kept keys and values, after checking that both choose the same tokens.",
            "The texts have --length tokens in all, of which the last --new-tokens are generated.",
            "With encodings that the libtorch side does not have: that encoding against RoPE, both here."
        })
final class GenerateCommand implements Callable<Integer> {
    private static final int PROMPTS = 2;

    @Spec
    private CommandSpec spec;

    @Mixin
    private WorkloadOptions options;

    @Option(names = "--new-tokens", defaultValue = "64", description = "Tokens that are generated (default: 64).")
    private int newTokens;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "libtorch-onednn,libtorch-openblas",
            description = "Sides beside ours (default: ${DEFAULT-VALUE}).")
    private List<String> peers;

    @Option(names = "--warmup", defaultValue = "4", description = "Rounds before those that count (default: 4).")
    private int warmup;

    @Option(names = "--rounds", defaultValue = "9", description = "Rounds that count (default: 9).")
    private int rounds;

    @Option(
            names = "--output",
            defaultValue = "generate.json",
            description = "Where the results go (default: generate.json).")
    private Path output;

    /**
     * What one side took.
     *
     * @param firstToken seconds to read the prompts and to choose a token for each
     * @param all seconds for all tokens
     * @param tokensPerSecond after the first ones, of all texts together
     */
    private record Entry(String name, Samples firstToken, Samples all, double tokensPerSecond) {}

    /** @param equalTokens share of the tokens that all sides chose alike; null where the sides are other models */
    private record Report(
            Machine machine, TextWorkload workload, int newTokens, Double equalTokens, List<Entry> sides) {}

    @Override
    public Integer call() {
        TextWorkload workload = options.textWorkload();
        if (rounds < 1 || warmup < 1 || newTokens < 2 || newTokens >= workload.length()) {
            throw new UserException("Cannot measure: expected at least 1 round, 1 round of warmup, and 2 to "
                    + (workload.length() - 1) + " new tokens of " + workload.length() + ", found " + rounds + ", "
                    + warmup + " and " + newTokens + " (--rounds, --warmup, --new-tokens).");
        }
        Machine machine = Machine.current();
        List<Decoder> sides = sides(workload);
        List<int[][]> prompts =
                IntStream.range(0, PROMPTS).mapToObj(i -> prompts(workload, i)).toList();
        Double equal = agreement(sides, prompts.get(0));
        List<Samples> first = time(sides, prompts, 1);
        List<Samples> all = time(sides, prompts, newTokens);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < sides.size(); i++) {
            double seconds = all.get(i).median() - first.get(i).median();
            entries.add(new Entry(
                    sides.get(i).name(), first.get(i), all.get(i), workload.batch() * (newTokens - 1) / seconds));
        }
        Report report = new Report(machine, workload, newTokens, equal, entries);
        PrintWriter out = spec.commandLine().getOut();
        out.print(table(report));
        out.flush();
        // Not as a URI: a path of HadoopFiles is taken literally, and a space would be %20 in the file's name.
        HadoopFiles.writeAtomically("file:" + output.toAbsolutePath(), Json.pretty(report));
        return 0;
    }

    private List<Decoder> sides(TextWorkload workload) {
        SeqPeSide ours = new SeqPeSide(workload);
        List<Decoder> sides = new ArrayList<>(List.of(new SeqPeDecoder(ours)));
        if (LibtorchGpt.ENCODINGS.contains(workload.encoding())) {
            for (String peer : peers) {
                sides.add(new LibtorchDecoder(workload, ours::values, products(PeerCommand.kind(peer))));
            }
        } else {
            sides.add(new SeqPeDecoder(new SeqPeSide(workload.withEncoding(Encoding.ROPE, 0), "seqpe-spark, rope")));
        }
        return sides;
    }

    private static LibtorchProducts products(SideKind kind) {
        return switch (kind) {
            case LIBTORCH_ONEDNN -> LibtorchProducts.ONEDNN;
            case LIBTORCH_OPENBLAS -> LibtorchProducts.OPENBLAS;
            default -> throw new UserException(
                    "Cannot compare generation with " + kind + ": expected libtorch-onednn or libtorch-openblas.");
        };
    }

    private int[][] prompts(TextWorkload workload, int index) {
        int[] tokens = workload.batch(index).tokens();
        int length = workload.length();
        return IntStream.range(0, workload.batch())
                .mapToObj(b -> Arrays.copyOfRange(tokens, b * length, (b + 1) * length - newTokens))
                .toArray(int[][]::new);
    }

    /**
     * The share of tokens that are the same as our first side's, up to the first difference of a text. A choice between
     * two tokens that are almost equally probable may fall differently, and all that follows with it.
     *
     * @return null where the sides are other models
     * @throws IllegalStateException if a side does not compute the same
     */
    private Double agreement(List<Decoder> sides, int[][] prompts) {
        if (sides.get(1) instanceof SeqPeDecoder) {
            return null;
        }
        List<int[][]> found = new ArrayList<>();
        for (Decoder side : sides) {
            side.begin();
            found.add(side.generate(prompts, newTokens));
        }
        double least = 1;
        for (int[][] tokens : found) {
            long equal = 0;
            for (int b = 0; b < tokens.length; b++) {
                int mismatch = Arrays.mismatch(tokens[b], found.get(0)[b]);
                equal += mismatch < 0 ? newTokens : mismatch;
            }
            least = Math.min(least, (double) equal / tokens.length / newTokens);
        }
        if (least < 0.5) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "Cannot compare generation: expected the same tokens, found a share of %.2f before the first difference.",
                    least));
        }
        return least;
    }

    private List<Samples> time(List<Decoder> sides, List<int[][]> prompts, int tokens) {
        return Alternation.run(
                        sides, prompts, warmup, rounds, (side, texts) -> side.generate(texts, tokens), round -> {})
                .stream()
                .map(Alternation.Timing::wall)
                .toList();
    }

    private static String table(Report report) {
        StringBuilder text = new StringBuilder();
        line(text, "generate: %s, the last %d of them generated", report.workload.describe(), report.newTokens);
        line(
                text,
                "%s, %d cores, load %.1f, commit %s",
                report.machine.processor(),
                report.machine.cores(),
                report.machine.load(),
                report.machine.commit());
        if (report.equalTokens != null) {
            line(text, "Agreement: %.1f %% of the tokens before a first difference.", 100 * report.equalTokens);
        }
        line(text, "");
        line(text, "%-26s %14s %14s %19s %10s %8s", "", "first token ms", "all ms", "quartiles", "tokens/s", "ratio");
        for (Entry side : report.sides) {
            line(
                    text,
                    "%-26s %14.1f %14.1f %9.1f %9.1f %10.1f %8.2f",
                    side.name,
                    1e3 * side.firstToken.median(),
                    1e3 * side.all.median(),
                    1e3 * side.all.lowerQuartile(),
                    1e3 * side.all.upperQuartile(),
                    side.tokensPerSecond,
                    report.sides.get(0).tokensPerSecond / side.tokensPerSecond);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
    }
}

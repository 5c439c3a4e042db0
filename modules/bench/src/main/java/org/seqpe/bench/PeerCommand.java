package org.seqpe.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The peer comparison. */
@Command(
        name = "peer",
        description = {
            "Compares a step of the same model here and in libtorch, step by step in turn, after checking that both compute the same.",
            "With --encoding seqpe for language: SeqPE with both position losses against RoPE, both here."
        })
final class PeerCommand implements Callable<Integer> {
    /** A training step, or the loss of a batch. */
    enum Mode {
        TRAIN,
        EVALUATE
    }

    private static final int BATCHES = 4;
    private static final int AGREEMENT_STEPS = 3;

    @Spec
    private CommandSpec spec;

    @Mixin
    private WorkloadOptions options;

    @Option(
            names = "--mode",
            defaultValue = "train",
            description = "train (default) or evaluate: forward and loss only.")
    private Mode mode;

    @Option(
            names = "--bf16",
            description =
                    "Our side computes products in bfloat16; then --peers may name seqpe, ours in float32, and libtorch-bf16.")
    private boolean bfloat16;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "libtorch-onednn,libtorch-openblas",
            description = "Sides beside ours (default: ${DEFAULT-VALUE}).")
    private List<String> peers;

    @Option(names = "--warmup", defaultValue = "8", description = "Rounds before those that count (default: 8).")
    private int warmup;

    @Option(names = "--rounds", defaultValue = "15", description = "Rounds that count (default: 15).")
    private int rounds;

    @Option(names = "--no-memory", description = "Do not start each side alone to measure its memory.")
    private boolean withoutMemory;

    @Option(names = "--output", defaultValue = "peer.json", description = "Where the results go (default: peer.json).")
    private Path output;

    @Override
    public Integer call() {
        Workload workload = options.workload();
        if (rounds < 1 || warmup < 1) {
            throw new UserException("Cannot measure: expected at least 1 round and 1 round of warmup, found " + rounds
                    + " and " + warmup + " (--rounds, --warmup).");
        }
        PeerReport report = workload instanceof TextWorkload texts && texts.encoding() == Encoding.SEQPE
                ? againstRope(texts)
                : againstLibtorch(workload);
        PrintWriter out = spec.commandLine().getOut();
        out.print(report.table());
        out.flush();
        // Not as a URI: a path of HadoopFiles is taken literally, and a space would be %20 in the file's name.
        HadoopFiles.writeAtomically("file:" + output.toAbsolutePath(), Json.pretty(report));
        return 0;
    }

    private boolean training() {
        return mode == Mode.TRAIN;
    }

    private PeerReport againstLibtorch(Workload workload) {
        if (!LibtorchSide.encodings(workload).contains(workload.encoding())) {
            throw new UserException("Cannot compare: expected an encoding that the libtorch side has "
                    + LibtorchSide.encodings(workload) + ", found " + workload.encodingName() + " (--encoding).");
        }
        Machine machine = Machine.current();
        GemmCeiling ceiling = GemmCeiling.measure(workload.threads());
        List<SideKind> kinds = new ArrayList<>(List.of(bfloat16 ? SideKind.SEQPE_BF16 : SideKind.SEQPE));
        SeqPeSide ours = (SeqPeSide) kinds.get(0).create(workload, null);
        List<Side> sides = new ArrayList<>(List.of(ours));
        for (String peer : peers) {
            SideKind kind = kind(peer);
            kinds.add(kind);
            sides.add(kind.create(workload, ours::values));
        }
        Agreement agreement = Agreement.check(
                sides,
                batches(workload),
                training() ? AGREEMENT_STEPS : 0,
                kinds.stream().anyMatch(SideKind::isRounded));
        List<Alternation.Timing> timings = time(sides, workload);
        List<PeerReport.Entry> entries = new ArrayList<>();
        Map<String, Double> ratios = new TreeMap<>();
        for (int i = 0; i < sides.size(); i++) {
            entries.add(entry(
                    sides.get(i),
                    workload,
                    timings.get(i),
                    ceiling,
                    withoutMemory ? null : memory(kinds.get(i), workload)));
            if (i > 0) {
                String ratio = sides.get(i).name() + " / " + ours.name();
                ratios.put(
                        ratio,
                        timings.get(i).wall().median() / timings.get(0).wall().median());
                ratios.put(
                        ratio + ", processor time",
                        timings.get(i).processor().median()
                                / timings.get(0).processor().median());
            }
        }
        return new PeerReport(
                machine,
                workload,
                mode.name().toLowerCase(Locale.ROOT),
                gflop(workload),
                ceiling,
                agreement,
                entries,
                ratios);
    }

    private PeerReport againstRope(TextWorkload workload) {
        Machine machine = Machine.current();
        GemmCeiling ceiling = GemmCeiling.measure(workload.threads());
        double shiftRate = ConfigReader.defaults(List.of("data.path=none"))
                .objective()
                .shift()
                .rate();
        List<Side> sides = List.of(
                new SeqPeSide(workload.withEncoding(Encoding.ROPE, 0), "seqpe-spark, rope"),
                new SeqPeSide(workload.withEncoding(Encoding.SEQPE, 0), "seqpe-spark, seqpe"),
                new SeqPeSide(workload.withEncoding(Encoding.SEQPE, 1), "seqpe-spark, seqpe shifted"));
        List<Alternation.Timing> timings = time(sides, workload);
        List<PeerReport.Entry> entries = IntStream.range(0, sides.size())
                .mapToObj(i -> entry(sides.get(i), workload, timings.get(i), ceiling, null))
                .toList();
        double rope = timings.get(0).wall().median();
        double plain = timings.get(1).wall().median() / rope;
        double shifted = timings.get(2).wall().median() / rope;
        Map<String, Double> ratios = new TreeMap<>();
        ratios.put("seqpe / rope", plain);
        if (training()) {
            ratios.put("seqpe shifted / rope", shifted);
            ratios.put(
                    "seqpe / rope, mean with " + shiftRate + " of the steps shifted",
                    (1 - shiftRate) * plain + shiftRate * shifted);
        }
        return new PeerReport(
                machine,
                workload,
                mode.name().toLowerCase(Locale.ROOT),
                gflop(workload),
                ceiling,
                null,
                entries,
                ratios);
    }

    private List<Alternation.Timing> time(List<Side> sides, Workload workload) {
        PrintWriter err = spec.commandLine().getErr();
        return Alternation.run(sides, batches(workload), warmup, rounds, this::step, round -> {
            err.printf(
                    Locale.ROOT,
                    "\r%s ",
                    round < 0
                            ? "warmup " + (round + warmup + 1) + "/" + warmup
                            : "round " + (round + 1) + "/" + rounds);
            err.print(round == rounds - 1 ? "\n" : "");
            err.flush();
        });
    }

    private void step(Side side, Batch batch) {
        if (training()) {
            side.train(batch);
        } else {
            side.evaluate(batch);
        }
    }

    private PeerReport.Entry entry(
            Side side, Workload workload, Alternation.Timing timing, GemmCeiling ceiling, MemoryUse memory) {
        double rate = gflop(workload) / timing.wall().median();
        side.begin();
        Side.Phases phases = null;
        Map<String, Double> sections = Map.of();
        Batch batch = workload.batch(0);
        if (side instanceof SeqPeSide ours) {
            KernelClock clock = ours.profile(() -> step(side, batch));
            phases = training() ? clock.phases() : null;
            sections = clock.bySection();
        } else if (training()) {
            phases = side.phases(batch);
        }
        return new PeerReport.Entry(side.name(), timing, rate, rate / ceiling.best(), phases, sections, memory);
    }

    private double gflop(Workload workload) {
        return workload.forwardFlops() * (training() ? 3 : 1) * 1e-9;
    }

    private static List<Batch> batches(Workload workload) {
        return IntStream.range(0, BATCHES).mapToObj(workload::batch).toList();
    }

    private MemoryUse memory(SideKind kind, Workload workload) {
        List<String> arguments = new ArrayList<>(List.of("memory", "--side", kind.toString(), "--mode", mode.name()));
        arguments.addAll(workload.options());
        return MemoryUse.inOwnProcess(arguments);
    }

    static SideKind kind(String name) {
        for (SideKind kind : SideKind.values()) {
            if (kind.toString().equals(name)) {
                return kind;
            }
        }
        throw new UserException(
                "Cannot compare: expected sides among " + List.of(SideKind.values()) + ", found " + name + ".");
    }
}

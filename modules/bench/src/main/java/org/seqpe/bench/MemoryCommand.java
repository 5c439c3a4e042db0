package org.seqpe.bench;

import java.util.concurrent.Callable;
import org.seqpe.core.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The memory of one side, in a process that does nothing else. */
@Command(name = "memory", description = "Prints the resident memory of one side's steps as a line of JSON.")
final class MemoryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WorkloadOptions options;

    @Option(
            names = "--side",
            required = true,
            description = "seqpe, seqpe-bf16, libtorch-bf16, libtorch-onednn or libtorch-openblas.")
    private String side;

    @Option(names = "--mode", defaultValue = "train", description = "train (default) or evaluate.")
    private PeerCommand.Mode mode;

    @Override
    public Integer call() {
        Workload workload = options.workload();
        SideKind kind = PeerCommand.kind(side);
        MemoryUse use = MemoryUse.measure(
                () -> kind.create(workload, SideKind.randomValues(workload)),
                kind::load,
                workload.batch(0),
                mode == PeerCommand.Mode.TRAIN);
        spec.commandLine().getOut().println(Json.line(use));
        spec.commandLine().getOut().flush();
        return 0;
    }
}

package org.seqpe.bench;

import org.seqpe.core.UserException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/**
 * The benchmarks' command line. Exit status as the program's own: 0 done, 2 input that cannot be used, 1 anything else.
 */
@Command(
        name = "bench",
        description = "Measures seqpe-spark: against libtorch, and how cost grows.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        subcommands = {
            PeerCommand.class,
            GenerateCommand.class,
            ScalingCommand.class,
            KernelsCommand.class,
            MemoryCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Bench());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof UserException) {
                command.getErr().println(failure.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            failure.printStackTrace(command.getErr());
            return CommandLine.ExitCode.SOFTWARE;
        });
        // Native thread pools would keep the process from ending.
        System.exit(arguments.length == 0 ? line.execute("--help") : line.execute(arguments));
    }
}

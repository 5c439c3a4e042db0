package org.seqpe.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.Redaction;
import org.seqpe.core.UserException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The command line. Exit status 0: done, or stopped by --max-runtime; 2: the input cannot be used, and nothing was begun; 1: a failure during
 * work; 143 and 130: stopped by SIGTERM and SIGINT.
 */
@Command(name = "seqpe", description = "Pretrains Transformers with a sequential position encoder on Spark, and measures how far they extrapolate.",
        mixinStandardHelpOptions = true, scope = ScopeType.INHERIT, versionProvider = Seqpe.Version.class, usageHelpAutoWidth = true, sortOptions = false,
        subcommands = {QuickstartCommand.class, PrepareCommand.class, TrainCommand.class, SweepCommand.class, ReportCommand.class, InspectCommand.class, HelpCommand.class},
        footerHeading = "%n", footer = {
            "Begin with 'seqpe quickstart'. Your own text: prepare, train, sweep, report.",
            "'seqpe COMMAND --help' shows examples.",
            "",
            "Every path is a Hadoop path: file:, hdfs:, s3a:, or a plain one.",
            "Exit status: 0 done; 1 failed during work; 2 input that cannot be used;",
            "143, 130 stopped by SIGTERM, SIGINT (training saves a checkpoint first)."})
public final class Seqpe {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show stack traces of errors, and what Spark says of failed tasks.")
    private boolean verbose;

    /** @throws CommandFailure where YARN's application master runs this class and the command did not succeed */
    public static void main(String[] arguments) throws CommandFailure {
        AtomicReference<String> reason = new AtomicReference<>();
        int status = run(reason::set, arguments);
        if (!isInApplicationMaster()) {
            System.exit(status);
        } else if (status != 0) {
            throw new CommandFailure(status, reason.get());
        }
    }

    /** Spark's application master reports a program that exits by itself as failed, whatever its status. */
    private static boolean isInApplicationMaster() {
        return "yarn".equals(System.getProperty("spark.master")) && "cluster".equals(System.getProperty("spark.submit.deployMode"));
    }

    /** Runs one command and returns its exit status. */
    public static int run(String... arguments) {
        return run(reason -> { }, arguments);
    }

    /** @param reason gets what is said of a failure, if there is one */
    private static int run(Consumer<String> reason, String... arguments) {
        Seqpe seqpe = new Seqpe();
        CommandLine line = new CommandLine(seqpe);
        Failures failures = new Failures(() -> seqpe.verbose, reason);
        line.setExecutionStrategy(parsed -> {
            if (seqpe.verbose) {
                // Before anything is logged: log4j2.properties asks for it.
                System.setProperty("seqpe.tasks", "warn");
                System.setProperty("seqpe.throwables", "full");
            }
            try {
                UserEnvironment.prepare();
                return new CommandLine.RunLast().execute(parsed);
            } catch (UserException | Error e) {
                // The parser hands over exceptions of commands only.
                return failures.handle(e, line);
            }
        });
        line.setExecutionExceptionHandler(failures);
        IParameterExceptionHandler usage = line.getParameterExceptionHandler();
        line.setParameterExceptionHandler((failure, parsed) -> {
            String message = Redaction.text(failure.getMessage());
            reason.accept(message);
            // The exception itself, where there is nothing to hide, because picocli makes suggestions by its class.
            return usage.handleParseException(message.equals(failure.getMessage()) ? failure : new CommandLine.ParameterException(failure.getCommandLine(), message), parsed);
        });
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // One writer for all that commands print, so that nothing stays in a buffer.
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        line.setOut(out);
        int status = arguments.length == 0 ? line.execute("--help") : line.execute(arguments);
        if (out.checkError() && status == ExitCode.OK) {
            line.getErr().println("Cannot print all of the output: standard output was closed, or its disk is full. What the command wrote to files is whole.");
            return ExitCode.SOFTWARE;
        }
        return status;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"seqpe " + BuildInfo.version() + " (commit " + BuildInfo.commit() + ")"};
        }
    }
}

package org.seqpe.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.Redaction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The command line. Exit status 0: done, or stopped by --max-runtime; 2: the input cannot be used, and no work began;
 * 1: a failure during work, or results that could not be printed; 143 and 130: stopped by SIGTERM and SIGINT; 141:
 * done, but the reader closed the output before its end.
 */
@Command(
        name = "seqpe",
        description =
                "Pretrains Transformers with a sequential position encoder on Spark, and measures how far they extrapolate.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Seqpe.Version.class,
        usageHelpAutoWidth = true,
        sortOptions = false,
        subcommands = {
            QuickstartCommand.class,
            PrepareCommand.class,
            TrainCommand.class,
            SweepCommand.class,
            GenerateCommand.class,
            ReportCommand.class,
            InspectCommand.class,
            DoctorCommand.class,
            HelpCommand.class
        },
        footerHeading = "%n",
        footer = {
            "Begin with 'seqpe quickstart'. Your own text: prepare, train, sweep, report.",
            "'seqpe COMMAND --help' shows examples. 'seqpe doctor' shows what this machine has.",
            "",
            "Every path is a Hadoop path: file:, hdfs:, s3a:, or a plain one.",
            "Exit status: 0 done; 1 failed during work; 2 input that cannot be used;",
            "143, 130 stopped by SIGTERM, SIGINT (training saves a checkpoint first);",
            "141 done, but nobody read the output to its end."
        })
public final class Seqpe {
    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show stack traces of errors, and what Spark says of failed tasks.")
    private boolean verbose;

    /** @throws CommandFailure if YARN's application master runs this class and the command failed */
    public static void main(String[] arguments) throws CommandFailure {
        AtomicReference<String> reason = new AtomicReference<>();
        Thread.setDefaultUncaughtExceptionHandler(Failures::ofThread);
        int status;
        try {
            status = run(StandardOutput.ofProcess(), UserEnvironment::prepare, reason::set, arguments);
        } catch (LinkageError e) {
            // Not even the commands could be loaded, so the classes that report failures may be missing too.
            System.err.println("Failed: " + e + ". " + ErrorRemedies.of(List.of(e)));
            status = 1;
        }
        if (!isInApplicationMaster()) {
            System.exit(status);
        } else if (status != 0) {
            throw new CommandFailure(status, reason.get());
        }
    }

    /**
     * Whether this is Spark's application master, which reports a program that calls exit as failed, whatever its
     * status.
     */
    private static boolean isInApplicationMaster() {
        return "yarn".equals(System.getProperty("spark.master"))
                && "cluster".equals(System.getProperty("spark.submit.deployMode"));
    }

    /** Runs one command and returns its exit status. */
    public static int run(String... arguments) {
        return run(StandardOutput.ofSystem(), () -> {}, reason -> {}, arguments);
    }

    /**
     * @param before runs before the command's work
     * @param reason receives the message of a failure, if there is one
     */
    private static int run(StandardOutput output, Runnable before, Consumer<String> reason, String... arguments) {
        Seqpe seqpe = new Seqpe();
        CommandLine line = new CommandLine(seqpe);
        line.setOut(output.writer());
        Failures failures = new Failures(() -> seqpe.verbose, reason);
        line.setExecutionStrategy(parsed -> {
            if (seqpe.verbose) {
                // Must be set before anything is logged, because log4j2.properties reads it.
                System.setProperty("seqpe.tasks", "warn");
                System.setProperty(Failures.TRACES, "full");
            }
            try {
                prepare(before, parsed);
                return new CommandLine.RunLast().execute(parsed);
            } catch (ParameterException | ExecutionException e) {
                throw e;
            } catch (Throwable e) {
                // The parser passes on only exceptions of commands. Errors are as common: from the start of Spark, or
                // because the heap is too small.
                return failures.handle(e, line);
            }
        });
        line.setExecutionExceptionHandler(failures);
        IParameterExceptionHandler usage = line.getParameterExceptionHandler();
        line.setParameterExceptionHandler((failure, parsed) -> {
            String message = Redaction.text(failure.getMessage());
            reason.accept(message);
            // Passes on the exception itself if there is nothing to hide, because picocli makes suggestions by its
            // class.
            return usage.handleParseException(
                    message.equals(failure.getMessage())
                            ? failure
                            : new ParameterException(failure.getCommandLine(), message),
                    parsed);
        });
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // A name may begin with @.
        line.setExpandAtFiles(false);
        return execute(line, output, failures, arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    /** Runs what comes before a command's work. The doctor reports it if that fails. */
    private static void prepare(Runnable before, ParseResult parsed) {
        try {
            before.run();
        } catch (RuntimeException e) {
            List<CommandLine> commands = parsed.asCommandLineList();
            if (!(commands.get(commands.size() - 1).getCommand() instanceof DoctorCommand doctor)) {
                throw e;
            }
            doctor.startFailed(e);
        }
    }

    private static int execute(CommandLine line, StandardOutput output, Failures failures, String... arguments) {
        int status = line.execute(arguments);
        Optional<IOException> unprinted = output.end();
        if (unprinted.isEmpty() || status != 0) {
            return status;
        }
        if (StandardOutput.isPipe()) {
            // The reader has stopped reading, as 'head' does.
            return StandardOutput.CLOSED_PIPE;
        }
        return failures.handle(
                new UncheckedIOException(
                        "Cannot print the results to standard output (what the command wrote to files is whole)",
                        unprinted.get()),
                line);
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"seqpe " + BuildInfo.version() + " (commit " + BuildInfo.commit() + ")"};
        }
    }
}

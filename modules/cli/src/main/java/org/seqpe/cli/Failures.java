package org.seqpe.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.SparkException;
import org.seqpe.core.Redaction;
import org.seqpe.core.UserException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns an exception into one paragraph on standard error and an exit status: 2 for bad input, 1 for anything else. */
final class Failures implements IExecutionExceptionHandler {
    private final BooleanSupplier verbose;
    private final Consumer<String> listener;

    /**
     * @param verbose  whether stack traces are shown
     * @param listener gets the paragraph too
     */
    Failures(BooleanSupplier verbose, Consumer<String> listener) {
        this.verbose = verbose;
        this.listener = listener;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        UserException user = userException(failure);
        String message = Redaction.text(user != null ? user.getMessage() : "Failed: " + reason(failure));
        listener.accept(message);
        err.println(line.getColorScheme().errorText(message));
        if (verbose.getAsBoolean()) {
            err.print(Redaction.text(stackTrace(failure)));
        } else if (user == null) {
            err.println("(--verbose shows where.)");
        }
        err.flush();
        return user != null ? ExitCode.USAGE : ExitCode.SOFTWARE;
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    /** Spark wraps what a task throws. */
    private static UserException userException(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserException user) {
                return user;
            }
        }
        return null;
    }

    /** The first line of each message on the way to the root cause, without repetition, and without what Spark says of a task that threw the rest. */
    static String reason(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SparkException && cause.getCause() != null) {
                continue;
            }
            String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage().lines().findFirst().orElse("");
            if (messages.stream().noneMatch(earlier -> earlier.contains(message))) {
                messages.add(message);
            }
        }
        return String.join(": ", messages);
    }
}

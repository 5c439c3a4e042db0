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
        return handle(failure, line);
    }

    /** The same for errors too, which Spark and the JVM throw for causes as plain as a missing name or too small a heap. */
    int handle(Throwable failure, CommandLine line) {
        PrintWriter err = line.getErr();
        UserException user = userException(failure);
        String message = Redaction.text(user != null ? user.getMessage() : "Failed: " + reason(failure) + remedy(failure));
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

    /** What helps against errors whose own message does not say it. */
    private static String remedy(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = cause.toString();
            if (text.contains("OutOfMemoryError")) {
                return text.contains("heap") ? ". Give Java more memory, such as SEQPE_JAVA_OPTS=-Xmx8g, or make the batch smaller."
                        : ". Memory outside of the Java heap is short: make the batch smaller, or use a machine with more.";
            }
            if (cause instanceof UnsatisfiedLinkError || text.contains("failed to map segment")) {
                return ". A native library could not be loaded: libraries are unpacked to " + System.getProperty(UserEnvironment.NATIVE_CACHE, "~/.javacpp/cache")
                        + " and " + System.getProperty("java.io.tmpdir") + ", which must allow execution (no noexec) and have room; SEQPE_JAVA_OPTS=-D" + UserEnvironment.NATIVE_CACHE
                        + "=FOLDER names another folder.";
            }
        }
        return "";
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
            String message = message(cause);
            if (messages.stream().noneMatch(earlier -> earlier.contains(message))) {
                messages.add(message);
            }
        }
        return String.join(": ", messages);
    }

    /** Without a class in front of it, which toString of a wrapped cause puts there. */
    private static String message(Throwable cause) {
        if (cause.getMessage() == null) {
            return cause.getClass().getSimpleName();
        }
        String first = cause.getMessage().lines().findFirst().orElse("");
        return cause instanceof Error && !(cause instanceof OutOfMemoryError) && !first.contains(" ") ? cause.getClass().getSimpleName() + " " + first : first;
    }
}

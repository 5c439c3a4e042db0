package org.seqpe.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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
    /** System property for how much of an exception is logged. log4j2.properties reads it too. */
    static final String TRACES = "seqpe.throwables";

    private final BooleanSupplier verbose;
    private final Consumer<String> listener;

    /**
     * @param verbose whether stack traces are shown
     * @param listener also receives the paragraph
     */
    Failures(BooleanSupplier verbose, Consumer<String> listener) {
        this.verbose = verbose;
        this.listener = listener;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        return handle(failure, line);
    }

    /**
     * Handles exceptions and also errors, which Spark and the JVM throw for simple causes such as a missing name or a
     * heap that is too small.
     */
    int handle(Throwable failure, CommandLine line) {
        PrintWriter err = line.getErr();
        UserException user = userException(failure);
        String message = Redaction.text(user != null ? user.getMessage() : "Failed: " + sentence(failure));
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

    /** The reason, and the remedy if it is known. */
    private static String sentence(Throwable failure) {
        String reason = reason(failure);
        String remedy = ErrorRemedies.of(chain(failure));
        return remedy.isEmpty() ? reason : reason + (reason.endsWith(".") ? " " : ". ") + remedy;
    }

    /**
     * Reports that a thread of a library ended with an uncaught exception. The code that waits for it fails as well and
     * explains the consequences.
     */
    static void ofThread(Thread thread, Throwable failure) {
        System.err.println(Redaction.text("The thread " + thread.getName() + " ended: "
                + (System.getProperty(TRACES) == null ? reason(failure) : stackTrace(failure))));
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    /** The user exception among the causes, because Spark wraps what a task throws. */
    private static UserException userException(Throwable failure) {
        return chain(failure).stream()
                .filter(UserException.class::isInstance)
                .map(UserException.class::cast)
                .findFirst()
                .orElse(null);
    }

    /** From the failure to its root cause. */
    private static List<Throwable> chain(Throwable failure) {
        // Causes may form a cycle.
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> chain = new ArrayList<>();
        for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            chain.add(cause);
        }
        return chain;
    }

    /**
     * The first line of each message on the way to the root cause, without repetition, and without Spark's own
     * description of the task that threw them.
     */
    static String reason(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable cause : chain(failure)) {
            boolean saysNothing = (cause instanceof SparkException || cause instanceof ExceptionInInitializerError)
                    && cause.getCause() != null;
            // The error that a missing class caused already names the class.
            if (saysNothing || cause instanceof ClassNotFoundException && !messages.isEmpty()) {
                continue;
            }
            String message = message(cause);
            if (messages.stream().noneMatch(earlier -> earlier.contains(message))) {
                messages.add(message);
            }
        }
        return String.join(": ", messages);
    }

    private static String message(Throwable cause) {
        String name = cause.getClass().getSimpleName();
        if (cause.getMessage() == null) {
            return name;
        }
        String line = cause.getMessage().lines().findFirst().orElse("");
        // The messages of these errors are names of classes and methods, which explain nothing on their own.
        return cause instanceof LinkageError ? name + " (" + line + ")" : line;
    }
}

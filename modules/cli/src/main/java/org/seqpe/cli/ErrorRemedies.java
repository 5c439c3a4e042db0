package org.seqpe.cli;

import java.net.UnknownHostException;
import java.util.List;

/** Remedies for errors of the JVM, whose own messages are helpful only to programmers. */
final class ErrorRemedies {
    private ErrorRemedies() {}

    /**
     * A remedy of one or two sentences; empty if none is known.
     *
     * @param failures a failure and its causes
     */
    static String of(List<Throwable> failures) {
        if (failures.stream().anyMatch(UnknownHostException.class::isInstance)) {
            return "The name of a machine has no address: if it is this one's, add it to /etc/hosts, or set SPARK_LOCAL_IP to an address that the cluster reaches.";
        }
        for (Throwable failure : failures) {
            if (failure instanceof OutOfMemoryError) {
                return ofMemory(String.valueOf(failure.getMessage()));
            }
            if (failure instanceof StackOverflowError) {
                return "Something is nested deeper than a thread's stack allows: SEQPE_JAVA_OPTS=-Xss16m gives every thread more.";
            }
            if (failure instanceof LinkageError && !(failure instanceof ExceptionInInitializerError)) {
                return "A library of the program could not be loaded. Either jars are missing from "
                        + Installation.libraries() + ", then build or unpack the program anew; or native "
                        + "libraries could not be unpacked into "
                        + System.getProperty(UserEnvironment.NATIVE_CACHE, "~/.javacpp") + " or "
                        + System.getProperty("java.io.tmpdir")
                        + ", which need room and a mount that allows programs; TMPDIR names another folder for both.";
            }
        }
        return "";
    }

    private static String ofMemory(String message) {
        if (message.contains("native thread")) {
            return "The system gave no more threads: raise the limit on processes (ulimit -u, or the container's), or use fewer threads (--master local[1], device.threads).";
        }
        String less =
                ", or ask for less: a smaller train.batch or evaluation.batch-tokens, fewer threads (--master local[1]).";
        if (message.contains("Java heap") || message.contains("GC overhead") || message.contains("array size")) {
            return "The Java heap of " + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB is too small: SEQPE_JAVA_OPTS=-Xmx16g makes it larger (docs/operations.md, Sizing)" + less;
        }
        return "The memory outside of the Java heap is used up, or its limit is too low. The limit goes by the heap's, so SEQPE_JAVA_OPTS=-Xmx16g raises both (docs/operations.md, Sizing)"
                + less;
    }
}

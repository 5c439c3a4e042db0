package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.List;
import org.apache.spark.util.SignalUtils;

/**
 * SIGTERM and SIGINT while a training runs. The first one is taken as a wish to stop at the end of the round, before
 * the JVM begins to shut down and Spark with it; the second does what it does anywhere else.
 */
final class StopSignals implements AutoCloseable {
    /** Exit statuses, as shells report them. */
    private static final int SIGNALLED = 128;

    private static StopSignals listening;
    private static boolean registered;
    private final PrintWriter out;
    private volatile Signal received;

    /** The signals by their numbers. */
    private enum Signal {
        INT(2),
        TERM(15);

        private final int number;

        Signal(int number) {
            this.number = number;
        }
    }

    private StopSignals(PrintWriter out) {
        this.out = out;
    }

    /**
     * Listens until it is closed.
     *
     * @param out where it says that it has heard
     */
    static synchronized StopSignals listen(PrintWriter out) {
        if (!registered) {
            // Spark's handlers cannot be taken back; this one passes on what nobody listens to.
            List.of(Signal.values()).forEach(signal -> SignalUtils.register(signal.name(), () -> hear(signal)));
            registered = true;
        }
        listening = new StopSignals(out);
        return listening;
    }

    /** Whether the signal was taken; otherwise it does what it did before. */
    private static synchronized boolean hear(Signal signal) {
        if (listening == null || listening.received != null) {
            return false;
        }
        listening.received = signal;
        listening.out.println("SIG" + signal + ": finishing the round, then a checkpoint. Once more to stop at once.");
        listening.out.flush();
        return true;
    }

    boolean isReceived() {
        return received != null;
    }

    /** The exit status that says so. */
    int exitStatus() {
        return SIGNALLED + received.number;
    }

    @Override
    public void close() {
        synchronized (StopSignals.class) {
            listening = null;
        }
    }
}

package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.List;
import org.apache.spark.util.SignalUtils;

/**
 * Handles SIGTERM and SIGINT during training. The first signal requests a stop at the end of the round, before the JVM
 * and Spark begin to shut down. The second signal has its usual effect.
 */
final class StopSignals implements AutoCloseable {
    /** Added to a signal's number, this is the exit status that shells report. */
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
     * @param out where it reports a received signal
     */
    static synchronized StopSignals listen(PrintWriter out) {
        if (!registered) {
            // Handlers registered through Spark cannot be removed, so this one passes on signals that nobody listens
            // to.
            List.of(Signal.values()).forEach(signal -> SignalUtils.register(signal.name(), () -> hear(signal)));
            registered = true;
        }
        listening = new StopSignals(out);
        return listening;
    }

    /**
     * Handles a signal. Returns false if nobody listens or an earlier signal was received; the signal then has its
     * previous effect.
     */
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

    /** The exit status for the received signal. */
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

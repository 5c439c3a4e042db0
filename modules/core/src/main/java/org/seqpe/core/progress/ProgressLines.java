package org.seqpe.core.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Progress as plain lines of text. */
final class ProgressLines implements Progress {
    private final PrintStream out;
    private final long intervalNanos;
    private String label;
    private long total;
    private long done;
    /** The value of {@link #done} in the last printed line. */
    private long shown;

    private String message = "";
    private long started;
    private long lastLine;

    private final LongSupplier clock;

    ProgressLines(PrintStream out, Duration interval) {
        this(out, interval, System::nanoTime);
    }

    /** @param clock nanoseconds from any moment on */
    ProgressLines(PrintStream out, Duration interval, LongSupplier clock) {
        this.out = out;
        this.intervalNanos = interval.toNanos();
        this.clock = clock;
    }

    @Override
    public void start(String newLabel, long newTotal) {
        close();
        label = newLabel;
        total = newTotal;
        done = 0;
        shown = 0;
        message = "";
        started = clock.getAsLong();
        lastLine = started;
        out.println(label + " ...");
    }

    @Override
    public void advance(long units, String newMessage) {
        done += units;
        message = newMessage;
        long now = clock.getAsLong();
        if (now - lastLine >= intervalNanos) {
            lastLine = now;
            shown = done;
            out.println(line(now));
        }
    }

    @Override
    public void close() {
        if (label != null) {
            if (shown < done || done == 0) {
                out.println(line(clock.getAsLong()));
            }
            label = null;
        }
    }

    private String line(long now) {
        String share =
                total > 0 ? " " + done + "/" + total + " (" + 100 * done / total + " %)" : done > 0 ? " " + done : "";
        String time = String.format(Locale.ROOT, ", %.0f s", (now - started) / 1e9);
        return label + share + time + (message.isEmpty() ? "" : ", " + message);
    }
}

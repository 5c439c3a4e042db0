package org.seqpe.core.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Progress as plain lines of text. */
final class ProgressLines implements Progress {
    private final PrintStream out;
    private final long intervalNanos;
    private String label;
    private long total;
    private long done;
    /** {@link #done} of the last line. */
    private long shown;

    private String message = "";
    private long started;
    private long lastLine;

    ProgressLines(PrintStream out, Duration interval) {
        this.out = out;
        this.intervalNanos = interval.toNanos();
    }

    @Override
    public void start(String newLabel, long newTotal) {
        close();
        label = newLabel;
        total = newTotal;
        done = 0;
        shown = 0;
        message = "";
        started = System.nanoTime();
        lastLine = started;
        out.println(label + " ...");
    }

    @Override
    public void advance(long units, String newMessage) {
        done += units;
        message = newMessage;
        long now = System.nanoTime();
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
                out.println(line(System.nanoTime()));
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

package org.seqpe.cli;

import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.seqpe.core.progress.Progress;

/** Progress as a bar on the terminal's standard error. */
final class TerminalProgress implements Progress {
    private ProgressBar bar;

    private TerminalProgress() {}

    /** A progress bar on a terminal, plain lines every ten seconds elsewhere. */
    static Progress create() {
        return System.console() == null ? Progress.lines(System.err, Duration.ofSeconds(10)) : new TerminalProgress();
    }

    @Override
    public void start(String label, long total) {
        close();
        bar = new ProgressBarBuilder()
                .setTaskName(label)
                .setInitialMax(total > 0 ? total : -1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .build();
    }

    @Override
    public void advance(long units, String message) {
        bar.stepBy(units);
        bar.setExtraMessage(" " + message);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}

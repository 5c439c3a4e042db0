package org.seqpe.core.run;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prevents two jobs from using one run folder. The lock file names its holder and is renewed while the holder lives. A
 * lock whose holder is known to be dead (same host, no such process) or has not renewed it for a minute is taken over,
 * so that a killed job can simply be started again.
 */
public final class RunLock implements AutoCloseable {
    static final Duration STALE = Duration.ofSeconds(60);
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Duration WRITING = Duration.ofMillis(500);
    /** The suffix of a lock that was moved aside: a random UUID. */
    private static final Pattern ASIDE = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);
    private final String path;
    private final Holder self;
    private final ScheduledExecutorService renewal;
    private volatile Holder taker;

    /**
     * The content of the file.
     *
     * @param id unique for each lock taken
     * @param host name of the machine
     * @param pid process there
     * @param started when the process started, which distinguishes it from a later process with the same id
     * @param acquired when it took the lock, ISO 8601
     * @param renewed when it last renewed the lock
     */
    record Holder(String id, String host, long pid, String started, String acquired, String renewed) {
        static Holder self() {
            ProcessHandle process = ProcessHandle.current();
            String now = Instant.now().toString();
            return new Holder(UUID.randomUUID().toString(), hostName(), process.pid(), start(process), now, now);
        }

        Holder renewedNow() {
            return new Holder(id, host, pid, started, acquired, Instant.now().toString());
        }

        boolean isDead() {
            if (host.equals(hostName())) {
                Optional<ProcessHandle> process = ProcessHandle.of(pid);
                return process.isEmpty() || !start(process.get()).equals(started);
            }
            return Duration.between(Instant.parse(renewed), Instant.now()).compareTo(STALE) > 0;
        }

        private static String start(ProcessHandle process) {
            return process.info().startInstant().map(Instant::toString).orElse("unknown");
        }

        private static String hostName() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                // A host name without an address is still usable, and different machines must have different names.
                try {
                    return Files.readString(Path.of("/proc/sys/kernel/hostname"), StandardCharsets.UTF_8)
                            .strip();
                } catch (IOException unknown) {
                    return "unknown";
                }
            }
        }

        @Override
        public String toString() {
            return "process " + pid + " on " + host + " since " + acquired + ", last seen " + renewed;
        }
    }

    private RunLock(String path, Holder self) {
        this.path = path;
        this.self = self;
        this.renewal = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "run-lock");
            thread.setDaemon(true);
            return thread;
        });
        renewal.scheduleWithFixedDelay(this::renew, RENEWAL.toSeconds(), RENEWAL.toSeconds(), TimeUnit.SECONDS);
    }

    static RunLock acquire(String path, boolean force) {
        Holder self = Holder.self();
        if (!HadoopFiles.createNew(path, bytes(self))) {
            removeStale(path, force);
            if (!HadoopFiles.createNew(path, bytes(self))) {
                throw refused(path, read(path).map(Holder::toString).orElse("a process that has just started"));
            }
        }
        removeAside(path);
        return new RunLock(path, self);
    }

    /** Deletes locks that a process moved aside and, because it was killed, did not delete. */
    private static void removeAside(String path) {
        String prefix = HadoopFiles.name(path) + ".";
        for (HadoopFiles.Entry entry : HadoopFiles.list(HadoopFiles.parent(path))) {
            if (entry.name().startsWith(prefix)
                    && ASIDE.matcher(entry.name().substring(prefix.length())).matches()) {
                HadoopFiles.delete(entry.path());
            }
        }
    }

    private static void removeStale(String path, boolean force) {
        Optional<Holder> holder = read(path);
        if (holder.isEmpty()) {
            // Either a crash cut the file off, or its creator is still writing it.
            sleep(WRITING);
            holder = read(path);
        }
        if (holder.isPresent() && !holder.get().isDead() && !force) {
            throw refused(path, holder.get().toString());
        }
        LOG.warn("Taking over {} from {}", path, holder.map(Holder::toString).orElse("an unreadable lock"));
        // If several processes found the same dead holder, only one of them can move its file away.
        String aside = path + "." + UUID.randomUUID();
        try {
            HadoopFiles.rename(path, aside);
        } catch (UserException gone) {
            return;
        }
        boolean moved = read(aside).equals(holder);
        if (!moved && !HadoopFiles.exists(path)) {
            HadoopFiles.rename(aside, path);
        } else {
            HadoopFiles.delete(aside);
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static UserException refused(String path, String holder) {
        return new UserException("Cannot work on " + HadoopFiles.parent(path) + ": " + holder
                + " works on it. Wait until that job has ended; where you are sure that it no longer runs,"
                + " start again with --force-unlock (a lock that is not renewed for " + STALE.toSeconds()
                + " s is taken over by itself).");
    }

    /** Reads the lock file. Empty if the file is gone or was cut off by a crash. */
    private static Optional<Holder> read(String path) {
        try {
            return Optional.of(Json.readFile(path, Holder.class));
        } catch (UserException e) {
            return Optional.empty();
        }
    }

    private static byte[] bytes(Holder holder) {
        return Json.pretty(holder).getBytes(StandardCharsets.UTF_8);
    }

    private void renew() {
        try {
            Holder found = read(path).orElse(null);
            if (found != null && !found.id().equals(self.id())) {
                taker = found;
                renewal.shutdown();
            } else {
                HadoopFiles.writeAtomically(path, out -> out.write(bytes(self.renewedNow())));
            }
        } catch (RuntimeException e) {
            LOG.warn("Cannot renew {}: {}; trying again in {} s", path, e.getMessage(), RENEWAL.toSeconds());
        }
    }

    /**
     * Checks that this job still holds the lock. Callers do this before they write to the folder.
     *
     * @throws IllegalStateException if another job took the folder by force
     */
    public void requireHeld() {
        Holder found = taker != null ? taker : read(path).orElse(self);
        if (!found.id().equals(self.id())) {
            throw new IllegalStateException(
                    "Cannot go on in " + HadoopFiles.parent(path) + ": " + found + " has taken the run folder over.");
        }
    }

    /** Releases the folder. */
    @Override
    public void close() {
        renewal.shutdown();
        try {
            renewal.awaitTermination(RENEWAL.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (read(path).map(holder -> holder.id().equals(self.id())).orElse(false)) {
            HadoopFiles.delete(path);
        }
    }
}

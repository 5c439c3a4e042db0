package org.seqpe.data.shard;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.seqpe.core.io.HadoopFiles;

/**
 * Reads at any place of many files, with few of them open. A stream belongs to one thread at a time, because some
 * storages let only one read go on in each. Those that no thread uses stay open for the next read of their file; beyond
 * {@value #MOST_IDLE} of them, the one that was used least recently is closed. So at most that many and one more for
 * each reading thread are open. Safe for use by several threads.
 */
public final class OpenFiles implements Closeable {
    /** Few enough for a process's limit of open files, whatever the number of shards. */
    public static final int MOST_IDLE = 64;

    private final List<String> paths;
    private final Deque<Idle> idle = new ArrayDeque<>();
    private boolean closed;

    private record Idle(int file, FSDataInputStream in) {}

    public OpenFiles(List<String> paths) {
        this.paths = List.copyOf(paths);
    }

    /**
     * Fills an array.
     *
     * @param file number of the file
     * @param position the first byte's place in it
     */
    public void read(int file, long position, byte[] target) {
        FSDataInputStream in = take(file);
        boolean whole = false;
        try {
            in.readFully(position, target);
            whole = true;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read bytes " + position + " to " + (position + target.length) + " of " + paths.get(file)
                            + ": " + e.getMessage(),
                    e);
        } finally {
            // After a failure the next read gets a new stream.
            FSDataInputStream over = whole ? giveBack(new Idle(file, in)) : in;
            close(over);
        }
    }

    /** The open streams that no thread uses. */
    public synchronized int idle() {
        return idle.size();
    }

    private FSDataInputStream take(int file) {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("Cannot read " + paths.get(file) + ": its split is closed");
            }
            for (Iterator<Idle> all = idle.iterator(); all.hasNext(); ) {
                Idle one = all.next();
                if (one.file() == file) {
                    all.remove();
                    return one.in();
                }
            }
        }
        return HadoopFiles.open(paths.get(file));
    }

    /** Returns a stream that has to be closed, or null. */
    private synchronized FSDataInputStream giveBack(Idle used) {
        if (closed) {
            return used.in();
        }
        idle.addFirst(used);
        return idle.size() > MOST_IDLE ? idle.removeLast().in() : null;
    }

    private static void close(FSDataInputStream in) {
        try {
            if (in != null) {
                in.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close a file of a split: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!idle.isEmpty()) {
            close(idle.removeLast().in());
        }
    }
}

package org.seqpe.compute.cpu.runtime;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that share out the tasks of one kernel at a time: threads - 1 daemons and the caller. Which
 * thread runs which task is left to chance; tasks must not care. Waiting threads spin briefly and then park.
 */
public final class Workers implements AutoCloseable {
    /**
     * A few tens of microseconds: longer than the gaps between the kernels of a step, short against a scheduler's time
     * slice.
     */
    private static final int SPINS = 2000;

    /** One task of a kernel. */
    @FunctionalInterface
    public interface Task {
        /**
         * Runs task {@code index}.
         *
         * @param worker the thread it runs on, in [0, threads): names scratch memory that no other task uses meanwhile
         */
        void run(int index, int worker);
    }

    /** Upper half: the number of the job; lower half: how many of its tasks nobody has taken. */
    private final AtomicLong ticket = new AtomicLong();

    private final AtomicInteger finished = new AtomicInteger();
    private final Thread[] daemons;
    private final AtomicInteger parked = new AtomicInteger();
    private volatile Thread waiter;
    private volatile Throwable failure;
    private volatile boolean closed;
    private Task body;
    private int tasks;

    /** @param threads how many threads compute, the caller among them; at least 1 */
    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "Cannot start the kernel threads: expected at least 1, found " + threads);
        }
        daemons = new Thread[threads - 1];
        for (int i = 0; i < daemons.length; i++) {
            int worker = i + 1;
            daemons[i] = new Thread(() -> serve(worker), "seqpe-cpu-" + worker);
            daemons[i].setDaemon(true);
            daemons[i].start();
        }
    }

    /** How many threads compute, the caller among them. */
    public int threads() {
        return daemons.length + 1;
    }

    /**
     * Runs tasks 0 to count - 1, the caller helping, and returns when all are done. What a task throws is thrown here.
     */
    public void run(int count, Task task) {
        if (daemons.length == 0 || count < 2) {
            for (int i = 0; i < count; i++) {
                task.run(i, 0);
            }
            return;
        }
        body = task;
        tasks = count;
        finished.set(0);
        ticket.set((ticket.get() >>> 32) + 1 << 32 | count);
        if (parked.get() > 0) {
            for (Thread daemon : daemons) {
                LockSupport.unpark(daemon);
            }
        }
        work(0);
        awaitFinished(count);
        body = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw thrown instanceof RuntimeException exception
                    ? exception
                    : new IllegalStateException("A kernel failed", thrown);
        }
    }

    /** Takes tasks of the current job until none is left. */
    private void work(int worker) {
        while (true) {
            long current = ticket.get();
            int left = (int) current;
            if (left == 0) {
                return;
            }
            // The job cannot end, and so its fields cannot change, between taking a task and finishing it.
            if (ticket.compareAndSet(current, current - 1)) {
                int count = tasks;
                try {
                    body.run(count - left, worker);
                } catch (Throwable thrown) {
                    failure = thrown;
                }
                if (finished.incrementAndGet() == count) {
                    LockSupport.unpark(waiter);
                }
            }
        }
    }

    private void awaitFinished(int count) {
        for (int i = 0; i < SPINS; i++) {
            if (finished.get() == count) {
                return;
            }
            Thread.onSpinWait();
        }
        waiter = Thread.currentThread();
        while (finished.get() != count) {
            LockSupport.park(this);
        }
        waiter = null;
    }

    private void serve(int worker) {
        int spins = 0;
        while (!closed) {
            if ((int) ticket.get() != 0) {
                work(worker);
                spins = 0;
            } else if (spins++ < SPINS) {
                Thread.onSpinWait();
            } else {
                parked.incrementAndGet();
                while ((int) ticket.get() == 0 && !closed) {
                    LockSupport.park(this);
                }
                parked.decrementAndGet();
                spins = 0;
            }
        }
    }

    /** Ends the threads. */
    @Override
    public void close() {
        closed = true;
        for (Thread daemon : daemons) {
            LockSupport.unpark(daemon);
        }
    }
}

package org.seqpe.spark.vectors;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The counterpart of {@link BlockPieces} for an embedded Spark, whose driver and tasks share a process: vectors are
 * handed over by reference, without a copy. They are also named after a broadcast, and exist until it is closed.
 */
public final class SharedVectors {
    private static final Map<Long, Map<String, Shared>> OPEN = new ConcurrentHashMap<>();
    /** Memory of closed copies, for the next ones: fresh memory costs more than the copy. */
    private static final List<FloatMemory> SPARE = new ArrayList<>();

    private SharedVectors() {}

    /** A vector that lies in a network, or a copy of it once the network goes on. */
    private static final class Shared {
        private FloatMemory memory;
        private boolean copied;

        private Shared(FloatMemory memory) {
            this.memory = memory;
        }

        private synchronized FloatMemory memory() {
            return memory;
        }

        private synchronized void copy() {
            if (!copied && memory.length() > 0) {
                FloatMemory copy = spare(memory.length());
                memory.copyTo(copy);
                memory = copy;
                copied = true;
            }
        }

        private synchronized void close() {
            if (copied) {
                synchronized (SPARE) {
                    SPARE.add(memory);
                }
            }
        }
    }

    /** Begins to accept vectors that are named after a broadcast. */
    static void open(long broadcast) {
        OPEN.put(broadcast, new ConcurrentHashMap<>());
    }

    /** Forgets them. */
    static void close(long broadcast) {
        Map<String, Shared> closed = OPEN.remove(broadcast);
        if (closed != null) {
            closed.values().forEach(Shared::close);
        }
    }

    /** Frees the memory of closed copies. */
    public static void freeSpare() {
        synchronized (SPARE) {
            SPARE.clear();
        }
    }

    /**
     * Hands over a vector, which may not change until it is {@linkplain #keep kept} or closed.
     *
     * @throws IllegalStateException if the broadcast is closed: the round was given up while this task ran
     */
    static void put(long broadcast, String name, FloatMemory vector) {
        Map<String, Shared> open = OPEN.get(broadcast);
        if (open == null) {
            throw new IllegalStateException("Cannot hand over " + name + ": the round that it belongs to is over");
        }
        open.put(name, new Shared(vector));
    }

    /** Keeps a vector as it is now: its memory is about to change. */
    static void keep(long broadcast, String name) {
        Shared found = find(broadcast, name);
        if (found != null) {
            found.copy();
        }
    }

    static boolean contains(long broadcast, String name) {
        return find(broadcast, name) != null;
    }

    /** @throws BlockPieces.LostBlockException if it is closed or was never there */
    static FloatMemory get(long broadcast, String name) {
        Shared found = find(broadcast, name);
        if (found == null) {
            throw new BlockPieces.LostBlockException("broadcast_" + broadcast + "_" + name);
        }
        return found.memory();
    }

    private static Shared find(long broadcast, String name) {
        return OPEN.getOrDefault(broadcast, Map.of()).get(name);
    }

    private static FloatMemory spare(long length) {
        synchronized (SPARE) {
            for (FloatMemory spare : SPARE) {
                if (spare.length() == length) {
                    SPARE.remove(spare);
                    return spare;
                }
            }
        }
        return new FloatMemory(Nd4j.createUninitialized(DataType.FLOAT, 1, length));
    }
}

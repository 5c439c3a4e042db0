package org.seqpe.spark.round;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.seqpe.spark.merge.DeltaCode;
import org.seqpe.spark.merge.EncodedDelta;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.vectors.Pieces;

/**
 * The model copies of this JVM, kept between rounds so that devices, parameters and activations are allocated once. It
 * is a cache: one that is not here, or that another attempt of the same task holds, is built anew, and moments that are
 * not known to be current are loaded.
 */
public final class ReplicaPool {
    private static final Map<String, Slot> SLOTS = new ConcurrentHashMap<>();

    private ReplicaPool() {}

    /** A model copy and the saved state that its moments are equal to. */
    static final class Slot {
        private final String key;
        private final Replica replica;
        private SavedMoments moments;
        private EncodedDelta delta;

        private Slot(String key, Replica replica) {
            this.key = key;
            this.replica = replica;
        }

        Replica replica() {
            return replica;
        }

        /** Memory for this replica's encoded delta. */
        EncodedDelta delta(DeltaCode code, Pieces pieces, long length) {
            if (delta == null) {
                delta = new EncodedDelta(code, pieces, length);
            }
            return delta;
        }

        boolean holds(SavedMoments state) {
            return state.equals(moments);
        }

        /** Records which saved moments the replica's own equal from now on; null while they change. */
        void setHolds(SavedMoments state) {
            moments = state;
        }
    }

    /**
     * Takes a model copy out of the pool for one task. Those of other runs are dropped: a JVM serves one run at a time.
     */
    static Slot take(String run, int replica, ReplicaFactory factory) {
        String prefix = run + "/";
        SLOTS.keySet().removeIf(key -> !key.startsWith(prefix));
        Slot slot = SLOTS.remove(prefix + replica);
        return slot != null && slot.replica.fitsThisTask() ? slot : new Slot(prefix + replica, factory.create(replica));
    }

    /** Gives it back at the end of a task, whatever became of it. */
    static void giveBack(Slot slot) {
        SLOTS.put(slot.key, slot);
    }

    /** Drops every model copy of this JVM. */
    public static void dropAll() {
        SLOTS.clear();
    }

    /** Drops the model copies of a run in this JVM. */
    static void drop(String run) {
        SLOTS.keySet().removeIf(key -> key.startsWith(run + "/"));
    }
}

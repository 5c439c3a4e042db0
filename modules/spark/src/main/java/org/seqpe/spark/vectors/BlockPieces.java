package org.seqpe.spark.vectors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BroadcastBlockId;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.Utils;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Vectors as raw blocks in Spark's block manager: at most one copy to store, none to read on the same machine, one over
 * the network, where a task result or a broadcast would be serialised, and a Kryo buffer ends at 2 GB. A vector is
 * stored in {@link Pieces}. On an embedded Spark there are no blocks at all: {@link SharedVectors}.
 *
 * <p>Blocks are named as further parts of a broadcast, so that destroying the broadcast frees them on every executor,
 * those of killed and speculative attempts included. Spark keeps them in memory and spills them to disk when memory is
 * short.
 */
public final class BlockPieces {
    /** Name of the blocks of the parameters that every replica of a round starts from. */
    public static final String START = "start";

    private static final ClassTag<byte[]> BYTES = ClassTag$.MODULE$.apply(byte[].class);

    private BlockPieces() {}

    /** Allows vectors to be named after a broadcast; called on the driver before a task runs. */
    public static void open(long broadcast) {
        if (embedded()) {
            SharedVectors.open(broadcast);
        }
    }

    /** Releases them; called on the driver when the broadcast is destroyed. */
    public static void close(long broadcast) {
        SharedVectors.close(broadcast);
    }

    /** Stores a vector that does not change before the broadcast is destroyed, without a copy. */
    public static void lend(long broadcast, String name, Pieces pieces, FloatMemory vector) {
        if (embedded()) {
            SharedVectors.put(broadcast, name, vector);
            return;
        }
        for (int piece = 0; piece < pieces.count(vector.length()); piece++) {
            store(id(broadcast, name, piece), new LentBytes(vector, pieces, piece), StorageLevel.MEMORY_AND_DISK_SER());
        }
    }

    /** Stores a vector that changes after the next {@link #keep}: a copy of it, or a reference until then. */
    public static void put(long broadcast, String name, Pieces pieces, FloatMemory vector, StorageLevel level) {
        if (embedded()) {
            SharedVectors.put(broadcast, name, vector);
            return;
        }
        for (int piece = 0; piece < pieces.count(vector.length()); piece++) {
            // Outside the heap, where the garbage collector would copy it; Spark frees it when it removes the block.
            ByteBuffer bytes = ByteBuffer.allocateDirect(pieces.elements(vector.length(), piece) * Float.BYTES);
            vector.read(pieces.offset(piece), bytes);
            store(id(broadcast, name, piece), new ChunkedByteBuffer(bytes), level);
        }
    }

    /** Called before the vector that was put changes. */
    public static void keep(long broadcast, String name) {
        SharedVectors.keep(broadcast, name);
    }

    private static void store(BlockId id, ChunkedByteBuffer bytes, StorageLevel level) {
        if (!SparkEnv.get().blockManager().putBytes(id, bytes, level, true, BYTES)) {
            throw new IllegalStateException(
                    "Cannot store " + id + " (" + bytes.size() + " bytes): neither memory nor the folders of "
                            + "spark.local.dir have room for it; give the executor more of either");
        }
    }

    /**
     * Reads one piece, in little-endian order, from this machine or another. It may not be used after {@code reader}
     * returns.
     *
     * @throws LostBlockException if no living executor has it
     */
    public static void read(long broadcast, String name, Pieces pieces, int piece, Consumer<ByteBuffer> reader) {
        if (embedded()) {
            FloatMemory shared = SharedVectors.get(broadcast, name);
            reader.accept(shared.view(pieces.offset(piece), pieces.elements(shared.length(), piece)));
            return;
        }
        BlockManager blocks = SparkEnv.get().blockManager();
        BlockId id = id(broadcast, name, piece);
        Option<BlockData> local = blocks.getLocalBytes(id);
        if (local.isDefined()) {
            // The block is locked until then: Spark neither evicts nor frees it.
            try {
                reader.accept(local.get().toByteBuffer().duplicate().order(ByteOrder.LITTLE_ENDIAN));
            } finally {
                blocks.releaseLockAndDispose(id, local.get(), Option.empty());
            }
            return;
        }
        Option<ChunkedByteBuffer> remote = blocks.getRemoteBytes(id);
        if (remote.isEmpty()) {
            throw new LostBlockException(id.name());
        }
        reader.accept(remote.get().toByteBuffer().duplicate().order(ByteOrder.LITTLE_ENDIAN));
    }

    /**
     * Fills a vector that many executors want at once, and keeps its pieces here: where they are read again, and from
     * where other executors fetch them as well as from the driver. That is how Spark's own broadcasts spread.
     *
     * @param share which of {@code shares} of the pieces to begin with, so that not all fetch the same piece at once
     */
    public static void spread(long broadcast, String name, Pieces pieces, FloatMemory target, int share, int shares) {
        if (embedded()) {
            copyTo(broadcast, name, pieces, target);
            return;
        }
        int count = pieces.count(target.length());
        for (int k = 0; k < count; k++) {
            int piece = (int) ((k + (long) share * count / shares) % count);
            keepHere(id(broadcast, name, piece));
            read(broadcast, name, pieces, piece, bytes -> target.write(pieces.offset(piece), bytes));
        }
    }

    /** Tasks of one executor wait for each other rather than fetch a piece twice. */
    private static synchronized void keepHere(BlockId id) {
        BlockManager blocks = SparkEnv.get().blockManager();
        if (blocks.getStatus(id).isEmpty()) {
            Option<ChunkedByteBuffer> remote = blocks.getRemoteBytes(id);
            if (remote.isEmpty()) {
                throw new LostBlockException(id.name());
            }
            store(id, remote.get(), StorageLevel.MEMORY_AND_DISK_SER());
        }
    }

    /** Fills a vector from its stored pieces. */
    public static void copyTo(long broadcast, String name, Pieces pieces, FloatMemory target) {
        if (embedded()) {
            SharedVectors.get(broadcast, name).copyTo(target);
            return;
        }
        for (int piece = 0; piece < pieces.count(target.length()); piece++) {
            long offset = pieces.offset(piece);
            read(broadcast, name, pieces, piece, bytes -> target.write(offset, bytes));
        }
    }

    /** The executors that have the first piece, in the form of Spark's preferred locations; empty where none has. */
    public static List<String> places(long broadcast, String name) {
        if (embedded()) {
            return SharedVectors.contains(broadcast, name) ? List.of(here()) : List.of();
        }
        return JavaConverters.seqAsJavaList(
                        SparkEnv.get().blockManager().master().getLocations(id(broadcast, name, 0)))
                .stream()
                .map(BlockPieces::place)
                .toList();
    }

    /** This executor in that form. */
    public static String here() {
        return place(SparkEnv.get().blockManager().blockManagerId());
    }

    private static String place(BlockManagerId manager) {
        return "executor_" + manager.host() + "_" + manager.executorId();
    }

    /** Whether every piece is on some living executor. */
    public static boolean isWhole(long broadcast, String name, Pieces pieces, long length) {
        if (embedded()) {
            return SharedVectors.contains(broadcast, name);
        }
        for (int piece = 0; piece < pieces.count(length); piece++) {
            if (!SparkEnv.get().blockManager().master().contains(id(broadcast, name, piece))) {
                return false;
            }
        }
        return true;
    }

    private static boolean embedded() {
        return Utils.isLocalMaster(SparkEnv.get().conf());
    }

    private static BlockId id(long broadcast, String name, int piece) {
        return new BroadcastBlockId(broadcast, name + "_" + piece);
    }

    /**
     * A piece of a vector where it lies; Spark keeps this object with the block, and so the vector's memory is not
     * freed before it.
     */
    private static final class LentBytes extends ChunkedByteBuffer {
        private static final long serialVersionUID = 1L;
        private final transient FloatMemory vector;

        LentBytes(FloatMemory vector, Pieces pieces, int piece) {
            super(vector.view(pieces.offset(piece), pieces.elements(vector.length(), piece)));
            this.vector = vector;
        }
    }

    /** A stored piece that no living executor has any more. */
    public static final class LostBlockException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostBlockException(String block) {
            super("Cannot read " + block + ": the executors that held it are gone");
        }
    }
}

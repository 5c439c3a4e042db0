package org.seqpe.spark.train;

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
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;

/**
 * Vectors as raw blocks in Spark's block manager: one copy to store, none to read on the same machine, one over the network, where a task
 * result would be serialised twice and a Kryo buffer ends at 2 GB. A vector is stored in pieces of {@link #ELEMENTS} floats.
 *
 * <p>Blocks are named as further parts of a broadcast, so that destroying the broadcast frees them on every executor, those of killed
 * and speculative attempts included. Spark keeps them in memory and spills them to disk when memory is short.
 */
final class BlockPieces {
    /** Floats in a piece: 16 MiB, small enough that Spark's fetches stay in memory. */
    static final int ELEMENTS = 1 << 22;

    private BlockPieces() {
    }

    static int count(long length) {
        return Math.toIntExact((length + ELEMENTS - 1) / ELEMENTS);
    }

    /** Elements of one piece; the last one may be shorter. */
    static int elements(long length, int piece) {
        return (int) Math.min(ELEMENTS, length - (long) piece * ELEMENTS);
    }

    /** Stores a copy of a vector. */
    static void put(long broadcast, String name, FloatMemory vector, StorageLevel level) {
        BlockManager blocks = SparkEnv.get().blockManager();
        for (int piece = 0; piece < count(vector.length()); piece++) {
            // Outside the heap, where the garbage collector would copy it; Spark frees it when it removes the block.
            ByteBuffer bytes = ByteBuffer.allocateDirect(elements(vector.length(), piece) * Float.BYTES);
            vector.read((long) piece * ELEMENTS, bytes);
            BlockId id = id(broadcast, name, piece);
            if (!blocks.putBytes(id, new ChunkedByteBuffer(bytes), level, true, ClassTag$.MODULE$.apply(byte[].class))) {
                throw new IllegalStateException("Cannot store " + id + " (" + bytes.capacity() + " bytes): neither memory nor the folders of "
                        + "spark.local.dir have room for it; give the executor more of either");
            }
        }
    }

    /**
     * Reads one piece, in little-endian order, from this machine or another. It may not be used after {@code reader} returns.
     *
     * @throws LostBlockException if no living executor has it
     */
    static void read(long broadcast, String name, int piece, Consumer<ByteBuffer> reader) {
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

    /** Fills a vector from its stored pieces. */
    static void copyTo(long broadcast, String name, FloatMemory target) {
        for (int piece = 0; piece < count(target.length()); piece++) {
            long offset = (long) piece * ELEMENTS;
            read(broadcast, name, piece, bytes -> target.write(offset, bytes));
        }
    }

    /** The executors that have the first piece, in the form of Spark's preferred locations; empty where none has. */
    static List<String> places(long broadcast, String name) {
        return JavaConverters.seqAsJavaList(SparkEnv.get().blockManager().master().getLocations(id(broadcast, name, 0))).stream()
                .map(BlockPieces::place)
                .toList();
    }

    /** This executor in that form. */
    static String here() {
        return place(SparkEnv.get().blockManager().blockManagerId());
    }

    private static String place(BlockManagerId manager) {
        return "executor_" + manager.host() + "_" + manager.executorId();
    }

    /** Whether every piece is on some living executor. */
    static boolean isWhole(long broadcast, String name, long length) {
        for (int piece = 0; piece < count(length); piece++) {
            if (!SparkEnv.get().blockManager().master().contains(id(broadcast, name, piece))) {
                return false;
            }
        }
        return true;
    }

    private static BlockId id(long broadcast, String name, int piece) {
        return new BroadcastBlockId(broadcast, name + "_" + piece);
    }

    /** A stored piece that no living executor has any more. */
    static final class LostBlockException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostBlockException(String block) {
            super("Cannot read " + block + ": the executors that held it are gone");
        }
    }
}

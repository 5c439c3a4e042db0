package org.seqpe.spark.merge;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.spark.vectors.BlockPieces;
import org.seqpe.spark.vectors.FloatMemory;
import org.seqpe.spark.vectors.Pieces;

/**
 * A replica's delta in a code, on its way to the driver: a vector of bytes for each piece of the parameters. Its memory
 * serves round after round.
 */
public final class EncodedDelta {
    private static final int CHUNK = 16 * DeltaCode.BLOCK;
    private final DeltaCode code;
    private final Pieces pieces;
    /** The bytes of each piece. */
    private final FloatMemory[] encoded;

    /**
     * @param pieces how the parameters are cut
     * @param length of the parameters
     */
    public EncodedDelta(DeltaCode code, Pieces pieces, long length) {
        this.code = code;
        this.pieces = pieces;
        this.encoded = new FloatMemory[pieces.count(length)];
        for (int piece = 0; piece < encoded.length; piece++) {
            long words = (code.bytes(pieces.elements(length, piece)) + Float.BYTES - 1) / Float.BYTES;
            encoded[piece] = new FloatMemory(Nd4j.createUninitialized(DataType.FLOAT, 1, words));
        }
    }

    private static String name(String delta, int piece) {
        return delta + "_p" + piece;
    }

    /** Reads the bytes of one piece, as {@link BlockPieces#read}. */
    public static void read(long broadcast, String delta, int piece, Consumer<ByteBuffer> reader) {
        BlockPieces.read(broadcast, name(delta, piece), Pieces.WHOLE, 0, reader);
    }

    /**
     * Encodes and stores the difference between parameters and the round's start.
     *
     * @param broadcast id of the broadcast that start and result are named after
     */
    public void lend(long broadcast, String name, FloatMemory end) {
        for (int k = 0; k < encoded.length; k++) {
            int piece = k;
            BlockPieces.read(broadcast, BlockPieces.START, pieces, piece, start -> encode(start, end, piece));
            BlockPieces.lend(broadcast, name(name, piece), Pieces.WHOLE, encoded[piece]);
        }
    }

    private void encode(ByteBuffer start, FloatMemory end, int piece) {
        ByteBuffer out = encoded[piece].view(0, (int) encoded[piece].length()).order(ByteOrder.LITTLE_ENDIAN);
        int elements = pieces.elements(end.length(), piece);
        float[] from = new float[CHUNK];
        float[] delta = new float[CHUNK];
        for (int offset = 0; offset < elements; offset += CHUNK) {
            int count = Math.min(CHUNK, elements - offset);
            start.asFloatBuffer().position(offset).get(from, 0, count);
            end.read(pieces.offset(piece) + offset, count, delta);
            for (int i = 0; i < count; i++) {
                delta[i] -= from[i];
            }
            code.encode(delta, count, out);
        }
    }
}

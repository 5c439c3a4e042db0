package org.seqpe.spark.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** A replica's delta in a code, on its way to the driver: a vector of bytes for each piece of the parameters. Its memory serves round after round. */
final class EncodedDelta {
    private static final int CHUNK = 16 * DeltaCode.BLOCK;
    private final DeltaCode code;
    private final FloatMemory[] pieces;

    /** @param length of the parameters */
    EncodedDelta(DeltaCode code, long length) {
        this.code = code;
        this.pieces = new FloatMemory[BlockPieces.count(length)];
        for (int piece = 0; piece < pieces.length; piece++) {
            long words = (code.bytes(BlockPieces.elements(length, piece)) + Float.BYTES - 1) / Float.BYTES;
            pieces[piece] = new FloatMemory(Nd4j.createUninitialized(DataType.FLOAT, 1, words));
        }
    }

    /** The name under which a piece's bytes are stored. */
    static String name(String delta, int piece) {
        return delta + "_p" + piece;
    }

    /**
     * Encodes and stores the difference between parameters and the round's start.
     *
     * @param broadcast id of the broadcast that start and result are named after
     */
    void lend(long broadcast, String name, FloatMemory end) {
        for (int k = 0; k < pieces.length; k++) {
            int piece = k;
            BlockPieces.read(broadcast, RoundTrainingWorker.START, piece, start -> encode(start, end, piece));
            BlockPieces.lend(broadcast, name(name, piece), pieces[piece]);
        }
    }

    private void encode(ByteBuffer start, FloatMemory end, int piece) {
        ByteBuffer out = pieces[piece].view(0, (int) pieces[piece].length()).order(ByteOrder.LITTLE_ENDIAN);
        int elements = BlockPieces.elements(end.length(), piece);
        float[] from = new float[CHUNK];
        float[] delta = new float[CHUNK];
        for (int offset = 0; offset < elements; offset += CHUNK) {
            int count = Math.min(CHUNK, elements - offset);
            start.asFloatBuffer().position(offset).get(from, 0, count);
            end.read((long) piece * BlockPieces.ELEMENTS + offset, count, delta);
            for (int i = 0; i < count; i++) {
                delta[i] -= from[i];
            }
            code.encode(delta, count, out);
        }
    }
}

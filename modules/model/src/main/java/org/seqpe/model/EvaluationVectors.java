package org.seqpe.model;

import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;

/**
 * The position encoder's vectors of the positions 0, 1, 2, ... in evaluation. They are encoded by slices, so that the encoder's memory does not
 * grow with the length.
 */
final class EvaluationVectors {
    /** Positions of a slice: many enough to share their digits, and a few tens of megabytes. */
    private static final int SLICE = 4096;

    private final Device device;
    private final PositionEncoder encoder;
    private final RowBuffer vectors;
    private final int[] slice;
    private boolean keep;
    private int kept;

    /** @param encoder one for evaluation, which is used by nobody else */
    EvaluationVectors(ModelSpec spec, Device device, PositionEncoder encoder) {
        this(spec, device, encoder, SLICE);
    }

    /** @param sliceLength positions of a slice */
    EvaluationVectors(ModelSpec spec, Device device, PositionEncoder encoder, int sliceLength) {
        slice = new int[sliceLength];
        this.device = device;
        this.encoder = encoder;
        vectors = new RowBuffer(device, spec.positionWidth());
    }

    /** Forgets all vectors, and says whether those of the next calls are kept for further calls. */
    void keep(boolean newKeep) {
        keep = newKeep;
        kept = 0;
    }

    /**
     * The vectors of the positions 0 to length - 1, [length, position width]; valid until the next call. Where vectors are kept, those of the whole
     * context are encoded in one go, so that a vector's rounding depends on that length and not on which windows came before.
     *
     * @param contextLength the length that is being evaluated, at least {@code length}
     */
    Tensor first(int length, int contextLength) {
        int count = keep ? contextLength : length;
        if (count == kept) {
            return vectors.rows(length);
        }
        Tensor all = vectors.rows(count);
        for (int first = 0; first < count; first += slice.length) {
            int rows = Math.min(slice.length, count - first);
            for (int i = 0; i < rows; i++) {
                slice[i] = first + i;
            }
            device.copy(encoder.forward(slice, rows), all.rows(first, rows));
        }
        kept = keep ? count : 0;
        return vectors.rows(length);
    }
}

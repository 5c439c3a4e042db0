package org.seqpe.model.seqpe;

import org.seqpe.compute.Device;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Grid;
import org.seqpe.model.ModelSpec;

/**
 * The position encoder's vectors of the positions of a grid that starts at 0, in evaluation. They are encoded in
 * slices, so that the encoder's memory does not grow with the length.
 */
public final class EvaluationVectors {
    /** Positions of a slice: enough of them to share many digits, in a few tens of megabytes. */
    private static final int SLICE = 4096;

    private final Device device;
    private final PositionEncoder encoder;
    private final RowBuffer vectors;
    private final int sliceLength;
    private final int[] slice;
    private boolean keep;
    private Grid kept;

    /** @param encoder an encoder for evaluation that nothing else uses */
    public EvaluationVectors(ModelSpec spec, Device device, PositionEncoder encoder) {
        this(spec, device, encoder, SLICE);
    }

    /** @param sliceLength positions of a slice */
    public EvaluationVectors(ModelSpec spec, Device device, PositionEncoder encoder, int sliceLength) {
        this.sliceLength = sliceLength;
        slice = new int[sliceLength * spec.grid().dimensions()];
        this.device = device;
        this.encoder = encoder;
        vectors = RowBuffer.ofActivations(device, spec.positionWidth());
    }

    /** Discards all vectors, and sets whether those of the next calls are kept for later calls. */
    public void keep(boolean newKeep) {
        keep = newKeep;
        kept = null;
    }

    /**
     * The vectors of the positions of a grid, [T, position width]; valid until the next call. Where vectors are kept,
     * those of the whole context are encoded in one go, so that a vector's rounding depends on the context and not on
     * which grids came before.
     *
     * @param context the grid that is being evaluated: the same, or a larger one that begins with it
     */
    public Tensor first(Grid grid, Grid context) {
        if (!grid.begins(context)) {
            throw new IllegalArgumentException(
                    "Cannot encode positions: expected a grid that begins " + context + ", found " + grid);
        }
        Grid wanted = keep ? context : grid;
        if (wanted.equals(kept)) {
            return vectors.rows(grid.size());
        }
        int count = wanted.size();
        Tensor all = vectors.rows(count);
        int[] start = new int[wanted.dimensions()];
        for (int first = 0; first < count; first += sliceLength) {
            int rows = Math.min(sliceLength, count - first);
            for (int i = 0; i < rows; i++) {
                wanted.position(start, 0, first + i, slice, i * start.length);
            }
            device.copy(encoder.forward(slice, rows), all.rows(first, rows));
        }
        kept = keep ? wanted : null;
        return vectors.rows(grid.size());
    }
}

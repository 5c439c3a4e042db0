package org.seqpe.model.network;

import java.util.Arrays;
import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.model.Grid;
import org.seqpe.model.Placement;
import org.seqpe.model.position.PositionEncoding;

/**
 * The windows of a pass whose samples do not fill the task's grid: those parts of the step's windows where the samples
 * stand. Position vectors are those of the whole windows, of which some rows are taken.
 */
final class PlacedWindows {
    private final Device device;
    private final Grid window;
    private final IntBuffer numbers;
    private final RowBuffer vectors;
    private final RowBuffer dVectors;
    private PositionEncoding.Pass whole;
    private PositionEncoding.Pass placed;

    /**
     * @param window the grid of a task with positions of one coordinate, T of them
     * @param positionWidth elements of a position vector
     */
    PlacedWindows(Device device, Grid window, int positionWidth) {
        this.device = device;
        this.window = window;
        numbers = new IntBuffer(device);
        vectors = RowBuffer.ofActivations(device, positionWidth);
        dVectors = new RowBuffer(device, positionWidth);
    }

    /**
     * The windows where a pass's samples stand.
     *
     * @param pass the whole windows [Bp * T]
     * @param samples B
     */
    PositionEncoding.Pass take(PositionEncoding.Pass pass, Placement placement, int samples) {
        whole = pass;
        int length = placement.grid().size();
        int windows = placement.offsets() == null ? pass.batch() : samples;
        int[] rows = new int[windows * length];
        for (int i = 0; i < windows; i++) {
            int start = placement.offsets() == null ? 0 : placement.offsets()[i];
            for (int t = 0; t < length; t++) {
                rows[i * length + t] = i % pass.batch() * window.size() + Math.min(start + t, window.size() - 1);
            }
        }
        boolean encoded = pass.vectors() != null;
        if (encoded) {
            device.gather(numbers.upload(rows, rows.length), pass.vectors(), vectors.rows(rows.length), false);
            if (pass.dVectors() != null) {
                device.fill(dVectors.rows(rows.length), 0);
            }
        }
        placed = new PositionEncoding.Pass(
                Arrays.stream(rows).map(row -> pass.positions()[row]).toArray(),
                windows,
                pass.leading(),
                placement.grid(),
                pass.context(),
                encoded ? vectors.rows(rows.length) : null,
                encoded && pass.dVectors() != null ? dVectors.rows(rows.length) : null);
        return placed;
    }

    /** Adds the gradients of the vectors that {@link #take} took to those of the whole windows. */
    void giveBack() {
        if (placed.dVectors() != null) {
            device.scatterAdd(numbers.get(), placed.dVectors(), whole.dVectors());
        }
    }
}

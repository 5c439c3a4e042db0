package org.seqpe.model.position;

import java.util.Arrays;
import org.seqpe.compute.Device;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.ModelSpec;

/** Sinusoidal vectors (Vaswani et al., arXiv 1706.03762), added to the input. */
public final class Sinusoidal extends PositionEncoding {
    public static final EncodingFactory FACTORY = (spec, parameters, device, training) -> new Sinusoidal(spec, device);

    private final int width;
    private final int headWidth;
    private final double base;
    private final RowBuffer buffer;
    private int[] positions = new int[0];
    private Tensor rows;

    private Sinusoidal(ModelSpec spec, Device device) {
        width = spec.config().width();
        headWidth = spec.config().headWidth();
        base = spec.position().base();
        buffer = new RowBuffer(device, width);
    }

    @Override
    public void begin(Pass pass) {
        if (!Arrays.equals(positions, pass.positions())) {
            positions = pass.positions().clone();
            rows = buffer.rows(positions.length);
            uploadTable(positions, width, rows, slice -> SinusoidalTable.rows(slice, width, base));
        }
    }

    @Override
    public Tensor inputRows() {
        return rows;
    }

    @Override
    public int headWidth() {
        return headWidth;
    }
}

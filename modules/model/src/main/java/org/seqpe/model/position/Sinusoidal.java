package org.seqpe.model.position;

import java.util.Arrays;
import org.seqpe.compute.Device;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.Parameters;

/**
 * Sinusoidal vectors (Vaswani et al., arXiv 1706.03762), added to the input. The positions of a grid are numbered row
 * by row behind the rows that have none.
 */
public final class Sinusoidal extends PositionEncoding {
    public static final EncodingFactory FACTORY = new Factory();

    private final int width;
    private final int headWidth;
    private final double base;
    private final RowBuffer buffer;
    private int[] numbers = new int[0];
    private Tensor rows;

    private Sinusoidal(ModelSpec spec, Device device) {
        width = spec.config().width();
        headWidth = spec.config().headWidth();
        base = spec.position().base();
        buffer = new RowBuffer(device, width);
    }

    private static final class Factory implements EncodingFactory {
        @Override
        public PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
            return new Sinusoidal(spec, device);
        }

        @Override
        public int mostDimensions() {
            return 2;
        }
    }

    @Override
    public void begin(Pass pass) {
        int[] next = pass.numbers();
        if (!Arrays.equals(numbers, next)) {
            numbers = next;
            rows = buffer.rows(numbers.length);
            uploadTable(numbers, width, rows, slice -> SinusoidalTable.rows(slice, width, base));
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

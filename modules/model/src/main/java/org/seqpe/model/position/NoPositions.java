package org.seqpe.model.position;

import org.seqpe.compute.Device;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.Parameters;

/** No position information at all. */
public final class NoPositions extends PositionEncoding {
    public static final EncodingFactory FACTORY = new Factory();

    private final int headWidth;

    private NoPositions(ModelSpec spec) {
        headWidth = spec.config().headWidth();
    }

    private static final class Factory implements EncodingFactory {
        @Override
        public PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
            return new NoPositions(spec);
        }

        @Override
        public int mostDimensions() {
            return 2;
        }
    }

    @Override
    public void begin(Pass pass) {}

    @Override
    public boolean readsDistances() {
        return true;
    }

    @Override
    public int headWidth() {
        return headWidth;
    }
}

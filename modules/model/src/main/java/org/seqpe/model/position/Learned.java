package org.seqpe.model.position;

import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;

/**
 * A learned table, added to the input. Linear interpolation stretches it for contexts longer than those in training.
 */
public final class Learned extends PositionEncoding {
    public static final EncodingFactory FACTORY = new Factory();
    private static final String TABLE = "transformer.wpe.weight";

    private final Device device;
    private final Weight table;
    private final int headWidth;
    private final int width;
    private final int trainingLength;
    private final RowBuffer buffer;
    private final IntBuffer ids;
    private Tensor rows;
    private boolean stretched;

    private Learned(ModelSpec spec, Parameters parameters, Device device) {
        this.device = device;
        table = parameters.weight(TABLE);
        width = spec.config().width();
        headWidth = spec.config().headWidth();
        trainingLength = Math.min(spec.grid().size(), spec.learnedRows());
        buffer = new RowBuffer(device, width);
        ids = new IntBuffer(device);
    }

    private static final class Factory implements EncodingFactory {
        @Override
        public PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
            return new Learned(spec, parameters, device);
        }

        @Override
        public void addParameters(ModelSpec spec, ParameterLayout.Builder layout) {
            layout.add(
                    TABLE,
                    Part.MODEL,
                    Decay.ALWAYS,
                    0,
                    spec.config().initStd(),
                    spec.learnedRows(),
                    spec.config().width());
        }
    }

    @Override
    public void begin(Pass pass) {
        int contextLength = pass.context().size();
        rows = buffer.rows(pass.positions().length);
        stretched = contextLength > trainingLength;
        if (stretched) {
            float[] trained = table.value().firstRows(trainingLength).toArray();
            uploadTable(
                    pass.positions(),
                    width,
                    rows,
                    slice -> Interpolation.LINEAR.rows(trained, trainingLength, width, contextLength, slice));
        } else {
            device.gather(ids.upload(pass.positions(), pass.positions().length), table.value(), rows, false);
        }
    }

    @Override
    public Tensor inputRows() {
        return rows;
    }

    @Override
    public void inputBackward(Tensor dInput) {
        if (stretched) {
            throw new IllegalStateException(
                    "Cannot train a learned position table of " + trainingLength + " rows beyond its length");
        }
        device.fill(rows, 0);
        device.sumRows(dInput, rows);
        device.scatterAdd(ids.get(), rows, table.gradient());
    }

    @Override
    public int headWidth() {
        return headWidth;
    }
}

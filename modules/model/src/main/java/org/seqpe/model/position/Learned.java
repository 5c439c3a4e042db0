package org.seqpe.model.position;

import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Grid;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;

/**
 * A learned table, added to the input. For longer texts than those in training, linear interpolation stretches it; for
 * images of another size, bicubic interpolation resizes the part with positions.
 */
public final class Learned extends PositionEncoding {
    public static final EncodingFactory FACTORY = new Factory();
    private static final String TABLE = "transformer.wpe.weight";

    private final Device device;
    private final Weight table;
    private final int headWidth;
    private final int width;
    private final int trainingLength;
    private final Grid trainingGrid;
    private final RowBuffer buffer;
    private final IntBuffer ids;
    private Tensor rows;
    private boolean stretched;

    private Learned(ModelSpec spec, Parameters parameters, Device device) {
        this.device = device;
        table = parameters.weight(TABLE);
        width = spec.config().width();
        headWidth = spec.config().headWidth();
        trainingGrid = spec.grid();
        trainingLength = Math.min(spec.rows(trainingGrid), spec.learnedRows());
        buffer = new RowBuffer(device, width);
        ids = new IntBuffer(device);
    }

    private static final class Factory implements EncodingFactory {
        @Override
        public PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
            return new Learned(spec, parameters, device);
        }

        @Override
        public int mostDimensions() {
            return 2;
        }

        @Override
        public void addParameters(ModelSpec spec, ParameterLayout.Builder layout) {
            layout.add(
                    TABLE,
                    Part.MODEL,
                    // The reference decays the table of its text model, and not that of its image model.
                    spec.grid().dimensions() == 1 ? Decay.ALWAYS : Decay.NEVER,
                    InitialValues.normal(spec.config().initStd()),
                    spec.learnedRows(),
                    spec.config().width());
        }
    }

    @Override
    public void begin(Pass pass) {
        int[] numbers = pass.numbers();
        rows = buffer.rows(numbers.length);
        boolean onGrid = trainingGrid.dimensions() > 1;
        stretched =
                onGrid ? !pass.context().equals(trainingGrid) : pass.context().size() > trainingLength;
        if (!stretched) {
            device.gather(ids.upload(numbers, numbers.length), table.value(), rows, false);
        } else if (onGrid) {
            resize(pass);
        } else {
            int contextLength = pass.context().size();
            float[] trained = table.value().firstRows(trainingLength).toArray();
            uploadTable(
                    numbers,
                    width,
                    rows,
                    slice -> Interpolation.LINEAR.rows(trained, trainingLength, width, contextLength, slice));
        }
    }

    /** Rows without a position stay as they are; the others are the trained grid at another size. */
    private void resize(Pass pass) {
        int leading = pass.leading();
        device.copy(table.value().firstRows(leading), rows.firstRows(leading));
        rows.upload(
                (long) leading * width,
                Interpolation.CUBIC.resize(
                        table.value().rows(leading, trainingGrid.size()).toArray(),
                        trainingGrid.extent()[0],
                        trainingGrid.extent()[1],
                        width,
                        pass.grid().extent()[0],
                        pass.grid().extent()[1]),
                0,
                pass.grid().size() * width);
    }

    @Override
    public Tensor inputRows() {
        return rows;
    }

    @Override
    public void inputBackward(Tensor dInput) {
        if (stretched) {
            throw new IllegalStateException("Cannot train a learned position table of " + trainingLength
                    + " rows on other positions than its own");
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

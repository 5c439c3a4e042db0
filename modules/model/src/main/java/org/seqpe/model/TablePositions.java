package org.seqpe.model;

import org.seqpe.model.params.Parameters;
import java.util.Arrays;
import java.util.function.Function;
import org.seqpe.compute.Attention;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.PositionConfig.AlibiScaling;
import org.seqpe.model.params.Parameters.Weight;
import org.seqpe.model.position.AlibiSlopes;
import org.seqpe.model.position.Interpolation;
import org.seqpe.model.position.RotaryTable;
import org.seqpe.model.position.SinusoidalTable;

/** The baselines of method.md section 6: encodings that are tables, computed or learned. */
final class TablePositions {
    /** Rows that are on the heap at once. */
    private static final int SLICE = 4096;

    private TablePositions() {
    }

    /**
     * Fills a tensor slice by slice, so that the heap holds no table that grows with the length.
     *
     * @param rows  [P, width], written
     * @param table gives the vectors of some positions, [positions, width]
     */
    private static void upload(int[] positions, int width, Tensor rows, Function<int[], float[]> table) {
        for (int first = 0; first < positions.length; first += SLICE) {
            float[] values = table.apply(Arrays.copyOfRange(positions, first, Math.min(positions.length, first + SLICE)));
            rows.upload((long) first * width, values, 0, values.length);
        }
    }

    /** No position information at all. */
    static final class None extends PositionEncoding {
        private final int headWidth;

        None(ModelSpec spec) {
            headWidth = spec.config().headWidth();
        }

        @Override
        void begin(Pass pass) {
        }

        @Override
        int headWidth() {
            return headWidth;
        }
    }

    /** ALiBi (arXiv 2108.12409): a bias that grows with the key's index; under the causal mask the same as one that falls with the distance. */
    static final class Alibi extends PositionEncoding {
        private final int headWidth;
        private final float[] slopes;

        Alibi(ModelSpec spec) {
            headWidth = spec.config().headWidth();
            double scale = spec.position().alibiScaling() == AlibiScaling.REFERENCE ? 1 / Math.sqrt(headWidth) : 1;
            double[] published = AlibiSlopes.of(spec.config().heads());
            slopes = new float[published.length];
            for (int h = 0; h < slopes.length; h++) {
                slopes[h] = (float) (published[h] * scale);
            }
        }

        @Override
        void begin(Pass pass) {
        }

        @Override
        Attention attention(Attention plain) {
            return plain.withSlopes(slopes);
        }

        @Override
        int headWidth() {
            return headWidth;
        }
    }

    /** RoPE (RoFormer, arXiv 2104.09864): queries and keys are turned by their position, in place. */
    static final class Rotary extends PositionEncoding {
        private final Device device;
        private final int heads;
        private final int headWidth;
        private final double base;
        private final RowBuffer sinBuffer;
        private final RowBuffer cosBuffer;
        private int[] positions = new int[0];
        private Tensor sin;
        private Tensor cos;

        Rotary(ModelSpec spec, Device device) {
            this.device = device;
            heads = spec.config().heads();
            headWidth = spec.config().headWidth();
            base = spec.position().base();
            sinBuffer = new RowBuffer(device, headWidth / 2);
            cosBuffer = new RowBuffer(device, headWidth / 2);
        }

        @Override
        void begin(Pass pass) {
            if (!Arrays.equals(positions, pass.positions())) {
                positions = pass.positions().clone();
                sin = sinBuffer.rows(positions.length);
                cos = cosBuffer.rows(positions.length);
                RotaryTable table = RotaryTable.sequential(positions, headWidth, base);
                sin.upload(table.sin());
                cos.upload(table.cos());
            }
        }

        @Override
        Heads query(int layer, Tensor qkv) {
            return turn(columns(qkv, 0), qkv, false);
        }

        @Override
        Heads key(int layer, Tensor qkv) {
            return turn(columns(qkv, 1), qkv, false);
        }

        @Override
        void attentionBackward(int layer, Tensor qkv, Tensor dQkv) {
            turn(columns(dQkv, 0), dQkv, true);
            turn(columns(dQkv, 1), dQkv, true);
        }

        private Heads turn(Heads x, Tensor qkv, boolean inverse) {
            device.rotary(x, Math.toIntExact(qkv.rows()), heads, headWidth, sin, cos, inverse, x);
            return x;
        }

        @Override
        int headWidth() {
            return headWidth;
        }
    }

    /** Sinusoidal vectors (Vaswani et al., arXiv 1706.03762), added to the embeddings. */
    static final class Sinusoidal extends PositionEncoding {
        private final int width;
        private final int headWidth;
        private final double base;
        private final RowBuffer buffer;
        private int[] positions = new int[0];
        private Tensor rows;

        Sinusoidal(ModelSpec spec, Device device) {
            width = spec.config().width();
            headWidth = spec.config().headWidth();
            base = spec.position().base();
            buffer = new RowBuffer(device, width);
        }

        @Override
        void begin(Pass pass) {
            if (!Arrays.equals(positions, pass.positions())) {
                positions = pass.positions().clone();
                rows = buffer.rows(positions.length);
                upload(positions, width, rows, slice -> SinusoidalTable.rows(slice, width, base));
            }
        }

        @Override
        Tensor inputRows() {
            return rows;
        }

        @Override
        int headWidth() {
            return headWidth;
        }
    }

    /** A learned table, added to the embeddings; stretched by linear interpolation for contexts longer than it was trained for. */
    static final class Learned extends PositionEncoding {
        private final Device device;
        private final Weight table;
        private final int headWidth;
        private final int width;
        private final int trainingLength;
        private final RowBuffer buffer;
        private final IntBuffer ids;
        private Tensor rows;
        private boolean stretched;

        Learned(ModelSpec spec, Parameters parameters, Device device) {
            this.device = device;
            table = parameters.weight("transformer.wpe.weight");
            width = spec.config().width();
            headWidth = spec.config().headWidth();
            trainingLength = Math.min(spec.trainingLength(), spec.learnedRows());
            buffer = new RowBuffer(device, width);
            ids = new IntBuffer(device);
        }

        @Override
        void begin(Pass pass) {
            rows = buffer.rows(pass.positions().length);
            stretched = pass.contextLength() > trainingLength;
            if (stretched) {
                float[] trained = table.value().firstRows(trainingLength).toArray();
                upload(pass.positions(), width, rows, slice -> Interpolation.LINEAR.rows(trained, trainingLength, width, pass.contextLength(), slice));
            } else {
                device.gather(ids.upload(pass.positions(), pass.positions().length), table.value(), rows, false);
            }
        }

        @Override
        Tensor inputRows() {
            return rows;
        }

        @Override
        void inputBackward(Tensor dInput) {
            if (stretched) {
                throw new IllegalStateException("Cannot train a learned position table of " + trainingLength + " rows beyond its length");
            }
            device.fill(rows, 0);
            device.sumRows(dInput, rows);
            device.scatterAdd(ids.get(), rows, table.gradient());
        }

        @Override
        int headWidth() {
            return headWidth;
        }
    }
}

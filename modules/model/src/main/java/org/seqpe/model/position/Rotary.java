package org.seqpe.model.position;

import java.util.Arrays;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.Parameters;

/**
 * RoPE (RoFormer, arXiv 2104.09864): queries and keys are rotated according to their position, in place. On a grid it
 * is the axial form (arXiv 2403.13298). Rows without a position are not rotated.
 */
public final class Rotary extends PositionEncoding {
    public static final EncodingFactory FACTORY = new Factory();

    private final Device device;
    private final int heads;
    private final int headWidth;
    private final double base;
    private final RowBuffer sinBuffer;
    private final RowBuffer cosBuffer;
    private int[] coordinates = new int[0];
    private Tensor sin;
    private Tensor cos;

    private Rotary(ModelSpec spec, Device device) {
        this.device = device;
        heads = spec.config().heads();
        headWidth = spec.config().headWidth();
        base = spec.position().base();
        sinBuffer = new RowBuffer(device, headWidth / 2);
        cosBuffer = new RowBuffer(device, headWidth / 2);
    }

    private static final class Factory implements EncodingFactory {
        @Override
        public PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
            return new Rotary(spec, device);
        }

        @Override
        public int mostDimensions() {
            return 2;
        }
    }

    @Override
    public void begin(Pass pass) {
        int[] next = pass.coordinates();
        if (!Arrays.equals(coordinates, next)) {
            coordinates = next;
            sin = sinBuffer.rows(pass.rows());
            cos = cosBuffer.rows(pass.rows());
            RotaryTable table = pass.grid().dimensions() == 1
                    ? RotaryTable.sequential(coordinates, headWidth, base)
                    : RotaryTable.axial(coordinates, headWidth, base);
            sin.upload(table.sin());
            cos.upload(table.cos());
        }
    }

    @Override
    public Heads query(int layer, Tensor qkv) {
        return turn(columns(qkv, 0), qkv, false);
    }

    @Override
    public Heads key(int layer, Tensor qkv) {
        return turn(columns(qkv, 1), qkv, false);
    }

    @Override
    public void attentionBackward(int layer, Tensor qkv, Tensor dQkv) {
        turn(columns(dQkv, 0), dQkv, true);
        turn(columns(dQkv, 1), dQkv, true);
    }

    private Heads turn(Heads x, Tensor qkv, boolean inverse) {
        device.rotary(x, Math.toIntExact(qkv.rows()), heads, headWidth, sin, cos, inverse, x);
        return x;
    }

    @Override
    public boolean readsDistances() {
        return true;
    }

    @Override
    public int headWidth() {
        return headWidth;
    }
}

package org.seqpe.model.position;

import java.util.Arrays;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.ModelSpec;

/** RoPE (RoFormer, arXiv 2104.09864): queries and keys are rotated according to their position, in place. */
public final class Rotary extends PositionEncoding {
    public static final EncodingFactory FACTORY = (spec, parameters, device, training) -> new Rotary(spec, device);

    private final Device device;
    private final int heads;
    private final int headWidth;
    private final double base;
    private final RowBuffer sinBuffer;
    private final RowBuffer cosBuffer;
    private int[] positions = new int[0];
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

    @Override
    public void begin(Pass pass) {
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
    public int headWidth() {
        return headWidth;
    }
}

package org.seqpe.compute.host;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/** What devices have in common whose kernels run on the calling thread and have finished when they return. */
public abstract class HostDevice implements Device {
    /** As in PyTorch's clip_grad_norm_. */
    private static final double CLIP_EPSILON = 1e-6;
    /** Values on the heap at once. */
    private static final int CHUNK = 1 << 16;

    private float[] values = new float[0];

    @Override
    public final Ints allocateInts(int capacity) {
        return HostInts.allocate(capacity);
    }

    @Override
    public final Doubles allocateDoubles(int capacity) {
        return new HostDoubles(capacity);
    }

    /** Nothing to wait for: kernels have finished when they return. */
    @Override
    public final void synchronize() {}

    @Override
    public final void sum(Tensor x, Doubles out, int slot) {
        HostDoubles.of(out)[slot] = sum(x);
    }

    @Override
    public final void sumOfSquares(Tensor x, Doubles out, int slot) {
        HostDoubles.of(out)[slot] = sumOfSquares(x);
    }

    @Override
    public final void clip(Tensor x, Doubles squares, int slot, double bound) {
        double norm = Math.sqrt(HostDoubles.of(squares)[slot]);
        double coefficient = bound == 0 ? 1 : bound / (norm + CLIP_EPSILON);
        if (coefficient < 1) {
            scale(x, (float) coefficient);
        }
    }

    private double sum(Tensor x) {
        if (values.length < Math.min(CHUNK, x.size())) {
            values = new float[(int) Math.min(CHUNK, x.size())];
        }
        double sum = 0;
        for (long from = 0; from < x.size(); from += values.length) {
            int count = (int) Math.min(values.length, x.size() - from);
            x.download(from, values, 0, count);
            for (int i = 0; i < count; i++) {
                sum += values[i];
            }
        }
        return sum;
    }

    /** The sum of squares, accumulated in double precision. */
    protected abstract double sumOfSquares(Tensor x);
}

package org.seqpe.compute;

import java.util.Arrays;

/**
 * Head vectors of a test: dense values [rows, H, D] on one side, a {@link Heads} somewhere inside a larger tensor on
 * the other.
 */
final class Field {
    /** Where the vectors stand in their tensor. */
    enum Layout {
        /** Nothing but the vectors. */
        PACKED,
        /** The middle third of a [rows, 3 H D] array, as keys beside queries and values. */
        THIRD,
        /** Gaps of odd sizes everywhere. */
        GAPS,
        /** One head after the other, [H, rows, D]. */
        HEAD_MAJOR
    }

    final Heads heads;
    private final int rows;
    private final int count;
    private final int width;

    private Field(Probe probe, Layout layout, int rows, int count, int width) {
        this.rows = rows;
        this.count = count;
        this.width = width;
        int vector = count * width;
        this.heads = switch (layout) {
            case PACKED -> Heads.columns(sentinels(probe, rows, vector), 0, width);
            case THIRD -> Heads.columns(sentinels(probe, rows, 3L * vector), vector, width);
            case GAPS -> new Heads(
                    sentinels(probe, 5 + rows * (count * (width + 3L) + 2)), 5, count * (width + 3) + 2, width + 3);
            case HEAD_MAJOR -> new Heads(sentinels(probe, count, rows, width), 0, width, rows * width);
        };
    }

    private static Tensor sentinels(Probe probe, long... shape) {
        float[] values = new float[(int) Tensor.sizeOf(shape)];
        Arrays.fill(values, Probe.SENTINEL);
        Tensor tensor = probe.device.allocate(shape);
        tensor.upload(values);
        return tensor;
    }

    /** A field with these values. */
    static Field of(Probe probe, Layout layout, double[] values, int rows, int count, int width) {
        Field field = new Field(probe, layout, rows, count, width);
        field.write(values);
        return field;
    }

    /** A field to be overwritten: NaN, with sentinels around. */
    static Field poisoned(Probe probe, Layout layout, int rows, int count, int width) {
        double[] values = new double[rows * count * width];
        Arrays.fill(values, Double.NaN);
        return of(probe, layout, values, rows, count, width);
    }

    /** The same vectors as {@link Heads} that every head shares; only for a count of 1. */
    Heads shared() {
        return new Heads(heads.tensor(), heads.offset(), heads.rowStride(), 0);
    }

    private void write(double[] values) {
        float[] array = heads.tensor().toArray();
        for (int i = 0; i < values.length; i++) {
            array[place(i)] = (float) values[i];
        }
        heads.tensor().upload(array);
    }

    private int place(int i) {
        return (int) (heads.offset()
                + (long) (i / width / count) * heads.rowStride()
                + (long) (i / width % count) * heads.headStride()
                + i % width);
    }

    /** The vectors, after checking that nothing around them has changed. */
    double[] read() {
        float[] array = heads.tensor().toArray();
        double[] values = new double[rows * count * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = array[place(i)];
            array[place(i)] = Probe.SENTINEL;
        }
        for (int i = 0; i < array.length; i++) {
            if (array[i] != Probe.SENTINEL) {
                throw new AssertionError(
                        "element " + i + " beside the head vectors of " + heads + " has changed to " + array[i]);
            }
        }
        return values;
    }
}

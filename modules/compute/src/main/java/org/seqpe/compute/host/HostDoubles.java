package org.seqpe.compute.host;

import org.seqpe.compute.Doubles;

/** Double-precision results on the heap. */
final class HostDoubles implements Doubles {
    private final double[] values;
    private double[] asked;

    HostDoubles(int capacity) {
        values = new double[capacity];
    }

    /**
     * The values as host memory.
     *
     * @throws IllegalArgumentException if they live elsewhere
     */
    static double[] of(Doubles doubles) {
        if (doubles instanceof HostDoubles host) {
            return host.values;
        }
        throw new IllegalArgumentException("Cannot compute: expected results in host memory, found " + doubles);
    }

    @Override
    public int capacity() {
        return values.length;
    }

    @Override
    public void ask() {
        asked = values.clone();
    }

    @Override
    public double[] toArray() {
        double[] result = asked == null ? values.clone() : asked;
        asked = null;
        return result;
    }
}

package org.seqpe.model.golden;

/** Comparison of arrays relative to their largest magnitude, which is what rounding errors of sums scale with. */
public final class Close {
    private Close() {}

    /**
     * Fails unless |actual_i - expected_i| &lt;= relative * max_j |expected_j| for every i. An expected array of zeros
     * asks for |actual_i| &lt;= relative.
     *
     * @param what named in the message
     */
    public static void assertClose(double[] actual, double[] expected, double relative, String what) {
        if (actual.length != expected.length) {
            throw new AssertionError(what + ": expected " + expected.length + " values, found " + actual.length);
        }
        double largest = 0;
        int worst = -1;
        double worstError = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double error = Math.abs(actual[i] - expected[i]);
            if (!(error <= worstError)) {
                worst = i;
                worstError = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
            }
        }
        double scale = largest == 0 ? 1 : largest;
        if (worstError > relative * scale) {
            throw new AssertionError(String.format(
                    "%s: expected %.9g at index %d of %d, found %.9g: error %.3g of the largest magnitude %.6g, allowed %.3g",
                    what,
                    expected[worst],
                    worst,
                    expected.length,
                    actual[worst],
                    worstError / scale,
                    largest,
                    relative));
        }
    }

    /** See {@link #assertClose(double[], double[], double, String)}. */
    public static void assertClose(float[] actual, double[] expected, double relative, String what) {
        double[] widened = new double[actual.length];
        for (int i = 0; i < actual.length; i++) {
            widened[i] = actual[i];
        }
        assertClose(widened, expected, relative, what);
    }
}

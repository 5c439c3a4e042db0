package org.seqpe.evaluation;

import java.util.Comparator;

/**
 * A place on a sweep's axis. Different places may have the same value: pictures of 224 x 320 and 320 x 224 pixels do.
 *
 * @param value where plots show it, above 0
 * @param text what tables and plots call it
 */
public record AxisValue(double value, String text) implements Comparable<AxisValue> {
    private static final Comparator<AxisValue> ORDER =
            Comparator.comparingDouble(AxisValue::value).thenComparing(AxisValue::text);

    /** The place of a whole number. */
    public static AxisValue of(int value) {
        return new AxisValue(value, Integer.toString(value));
    }

    @Override
    public int compareTo(AxisValue other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return text;
    }
}

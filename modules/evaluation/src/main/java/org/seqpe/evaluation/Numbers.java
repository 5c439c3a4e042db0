package org.seqpe.evaluation;

import java.util.Locale;
import java.util.function.Function;

/** How tables write values. */
public final class Numbers {
    /** What stands for a value that does not exist. */
    public static final String NONE = "-";

    /** Two distances are written as one number up to this ratio. */
    private static final double LIKE = 1.2;

    private Numbers() {}

    /** The value as it writes itself. */
    public static String text(Object value) {
        return value == null ? NONE : value.toString();
    }

    /**
     * The value of an estimate, without its interval.
     *
     * @param estimate null when there is none
     * @param text writes a value, which may be null
     */
    public static String text(Estimate estimate, Function<Double, String> text) {
        return text.apply(estimate == null ? null : (Double) estimate.value());
    }

    /**
     * The interval of an estimate. It is written as {@code ±0.13} with the larger of the distances to the two ends. If
     * that is more than a fifth larger than the other one, and looks different when it is written, both ends are
     * written: {@code [18.20, 25.10]}.
     *
     * @param estimate null when there is none
     * @param text writes a value
     * @return empty if there is no interval
     */
    public static String margin(Estimate estimate, Function<Double, String> text) {
        if (estimate == null || estimate.interval() == null) {
            return "";
        }
        Interval interval = estimate.interval();
        double below = estimate.value() - interval.low();
        double above = interval.high() - estimate.value();
        String larger = text.apply(Math.max(below, above));
        return Math.max(below, above) <= LIKE * Math.min(below, above)
                        || larger.equals(text.apply(Math.min(below, above)))
                ? "±" + larger
                : "[" + text.apply(interval.low()) + ", " + text.apply(interval.high()) + "]";
    }

    /** Bytes in units of 2^20 bytes, rounded down. */
    public static String mebibytes(Long bytes) {
        return text(bytes == null ? null : bytes >> 20);
    }

    /** A number with so many decimals. */
    public static String fixed(Double value, int decimals) {
        return value == null ? NONE : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}

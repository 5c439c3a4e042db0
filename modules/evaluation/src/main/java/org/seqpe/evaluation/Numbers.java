package org.seqpe.evaluation;

import java.util.Locale;

/** How tables write values. */
public final class Numbers {
    /** What stands for a value that does not exist. */
    public static final String NONE = "-";

    private Numbers() {}

    /** The value as it writes itself. */
    public static String text(Object value) {
        return value == null ? NONE : value.toString();
    }

    /** A number with so many decimals. */
    public static String fixed(Double value, int decimals) {
        return value == null ? NONE : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}

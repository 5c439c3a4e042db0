package org.seqpe.data.prepare;

import java.util.List;

/** The first few of many names, for notes. */
public final class Examples {
    /** The maximum number of names in a note. */
    public static final int NAMED = 5;

    private Examples() {}

    /** The first names, and an ellipsis if there are more. */
    public static String of(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                + (names.size() > NAMED ? ", ..." : "");
    }
}

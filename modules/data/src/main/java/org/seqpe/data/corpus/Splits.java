package org.seqpe.data.corpus;

import java.util.List;
import java.util.Locale;
import org.seqpe.core.UserException;

/** The names of splits. */
public final class Splits {
    public static final String TRAIN = "train";
    public static final String VALIDATION = "validation";
    public static final String TEST = "test";
    /** All splits, in the order in which they are listed and in which they are cut by position. */
    public static final List<String> ALL = List.of(TRAIN, VALIDATION, TEST);

    private Splits() {}

    /** @throws UserException unless these are splits, at least one and each once */
    public static void require(List<String> splits) {
        if (splits.isEmpty()
                || !ALL.containsAll(splits)
                || splits.stream().distinct().count() < splits.size()) {
            throw new UserException("Cannot make the splits " + splits + ": expected some of " + ALL + ", each once.");
        }
    }

    /** The split that a file or folder name means by convention, or an empty string. */
    public static String named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "train", "training" -> TRAIN;
            case "valid", "validation", "val", "dev" -> VALIDATION;
            case "test", "testing" -> TEST;
            default -> "";
        };
    }
}

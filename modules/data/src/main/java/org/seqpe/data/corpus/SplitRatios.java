package org.seqpe.data.corpus;

import java.util.List;
import org.seqpe.core.UserException;

/**
 * The shares of the splits of a corpus that has no splits.
 *
 * @param train share of the train split
 * @param validation share of the validation split; 0 for none
 * @param test share of the test split; 0 for none
 */
public record SplitRatios(double train, double validation, double test) {
    public static final SplitRatios DEFAULT = new SplitRatios(0.98, 0.01, 0.01);

    private static final double TOLERANCE = 1e-9;

    /** @throws UserException unless the shares are positive or 0 and add up to 1 */
    public SplitRatios {
        if (!(train > 0 && validation >= 0 && test >= 0 && Math.abs(train + validation + test - 1) < TOLERANCE)) {
            throw new UserException("Cannot split a corpus by " + train + ", " + validation + ", " + test
                    + ": expected shares of train (above 0), validation and test that add up to 1.");
        }
    }

    /** The splits that get a share. */
    public List<String> splits() {
        return Splits.ALL.stream().filter(split -> share(split) > 0).toList();
    }

    double share(String split) {
        return switch (split) {
            case Splits.TRAIN -> train;
            case Splits.VALIDATION -> validation;
            default -> test;
        };
    }
}

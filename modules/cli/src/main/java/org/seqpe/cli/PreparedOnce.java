package org.seqpe.cli;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.DatasetManifest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dataset that is made the first time, and found to be the same one afterwards.
 *
 * @param other what messages call data that do not belong here, such as "another text"
 * @param make makes the dataset in a folder, and returns its hash
 * @param hash of the dataset that is in a folder
 * @param isTheProgramsOwn whether the dataset in a folder is the one that comes with the program; null where the user's
 *     own input is prepared
 */
record PreparedOnce(
        String other, UnaryOperator<String> make, UnaryOperator<String> hash, Predicate<String> isTheProgramsOwn) {
    private static final Logger LOG = LoggerFactory.getLogger(PreparedOnce.class);

    /**
     * Makes the dataset, or checks the one that is there: the program's own by its name, and one of the user's input by
     * making it again.
     *
     * @throws UserException if the one that is there was made of something else
     */
    void prepare(String data) {
        if (!HadoopFiles.exists(HadoopFiles.resolve(data, DatasetManifest.FILE))) {
            LOG.info("Prepared {}, manifest sha256 {}", data, make.apply(data));
        } else if (isTheProgramsOwn != null) {
            requireSame(isTheProgramsOwn.test(data), data);
        } else {
            String again = data + "-compared";
            HadoopFiles.delete(again);
            try {
                requireSame(make.apply(again).equals(hash.apply(data)), data);
            } finally {
                HadoopFiles.delete(again);
            }
        }
    }

    private void requireSame(boolean same, String data) {
        if (!same) {
            throw new UserException("Cannot start in " + HadoopFiles.parent(data) + ": " + data + " was made of "
                    + other + "; choose another folder with --run.");
        }
    }
}

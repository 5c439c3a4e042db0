package org.seqpe.data.prepare;

import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;

/** Finds what is in several splits. Test data in the training split would invalidate an evaluation. */
public final class SharedContent {
    private SharedContent() {}

    /**
     * Counts the documents that are in several splits.
     *
     * @param splits what was found, by the name of the split
     * @param what what the splits hold, such as "documents"
     * @param where the input, for messages
     * @return counts by a description of the overlap
     * @throws UserException if all of a split is in another one too
     */
    public static SortedMap<String, Long> count(
            SortedMap<String, Collected> splits, String what, String where, PrepareProgress progress) {
        List<String> bySize = splits.keySet().stream()
                .sorted(Comparator.comparing(split -> splits.get(split).documents()))
                .toList();
        SortedMap<String, Long> shared = new TreeMap<>();
        for (int i = 0; i < bySize.size(); i++) {
            for (int j = i + 1; j < bySize.size(); j++) {
                long[] found = ContentHashes.shared(
                        splits.get(bySize.get(i)).hashes(),
                        splits.get(bySize.get(j)).hashes());
                if (found[0] > 0 && found[0] == found[1]) {
                    throw new UserException("Cannot prepare " + where + ": expected different " + what
                            + " in each split, found all " + found[0] + " " + what + " of the split " + bySize.get(i)
                            + " in the split " + bySize.get(j) + " too. Take them out of one of the two.");
                }
                if (found[0] > 0) {
                    shared.put(bySize.get(i) + " in " + bySize.get(j), found[0]);
                    progress.note("Found " + found[0] + " of " + found[1] + " " + what + " of the split "
                            + bySize.get(i) + " in the split " + bySize.get(j) + " too");
                }
            }
        }
        return shared;
    }
}

package org.seqpe.data.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was found for a split: documents, or pictures.
 *
 * @param documents how many are kept
 * @param skipped how many are left out, by reason
 * @param spools the files that hold them, in order
 * @param hashes paths of their hashes ({@link ContentHashes}); none if equal documents go to the same split anyway
 */
public record Collected(long documents, SortedMap<String, Long> skipped, List<SpoolFile> spools, List<String> hashes) {

    /** What this one and the next hold, in this order. */
    public Collected join(Collected next) {
        SortedMap<String, Long> allSkipped = new TreeMap<>(skipped);
        next.skipped.forEach((reason, count) -> allSkipped.merge(reason, count, Long::sum));
        List<SpoolFile> allSpools = new ArrayList<>(spools);
        allSpools.addAll(next.spools);
        List<String> allHashes = new ArrayList<>(hashes);
        allHashes.addAll(next.hashes);
        return new Collected(documents + next.documents, allSkipped, allSpools, allHashes);
    }
}

package org.seqpe.data.prepare;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.LeftOut;

/** Accounts for the files of an input that are not read. */
public final class LeftOutFiles {
    private LeftOutFiles() {}

    /** Their number and bytes, by reason. */
    public static SortedMap<String, DatasetManifest.Files> byReason(List<LeftOut> leftOut) {
        SortedMap<String, DatasetManifest.Files> byReason = new TreeMap<>();
        leftOut.forEach(file ->
                byReason.merge(file.reason(), new DatasetManifest.Files(1, file.bytes()), DatasetManifest.Files::plus));
        return byReason;
    }

    /** Names the first few for each reason. */
    public static void note(List<LeftOut> leftOut, PrepareProgress progress) {
        byReason(leftOut).forEach((reason, files) -> {
            List<String> names = leftOut.stream()
                    .filter(file -> file.reason().equals(reason))
                    .map(LeftOut::name)
                    .toList();
            progress.note("Left out " + files.files() + " files (" + files.bytes() + " bytes): " + reason + ": "
                    + Examples.of(names));
        });
    }
}

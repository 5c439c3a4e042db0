package org.seqpe.data.qa;

import java.util.List;
import java.util.SortedMap;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.ManifestFile;
import org.seqpe.data.shard.TokenType;

/**
 * manifest.json of prepared questions and answers: what they were made from and what there is.
 *
 * @param kind "answers", by which this manifest differs from that of a text
 * @param formatVersion version of this layout, {@value #FORMAT_VERSION}
 * @param corpus where the questions came from, or the text in which they were hidden
 * @param options how the examples were made of it, by the name of the option; empty if they are as they came
 * @param tokenizer the tokenizer that defines the ids
 * @param tokenType how tokens are stored
 * @param splits by name
 */
public record AnswerManifest(
        String kind,
        int formatVersion,
        DatasetManifest.Corpus corpus,
        SortedMap<String, String> options,
        DatasetManifest.TokenizerInfo tokenizer,
        TokenType tokenType,
        SortedMap<String, Split> splits) {
    public static final int FORMAT_VERSION = 1;

    /**
     * @param counts the examples kept
     * @param skipped examples left out, by reason
     * @param remarks examples kept that have something unusual, by what it is
     * @param shards in the order of the examples
     */
    public record Split(
            AnswerCounts counts,
            SortedMap<String, Long> skipped,
            SortedMap<String, Long> remarks,
            List<AnswerShardInfo> shards) {

        /** Refuses impossible counts, and names that point outside the dataset's folder. */
        private void require(String name, ManifestFile file) {
            AnswerCounts ofShards = AnswerCounts.ZERO;
            for (AnswerShardInfo shard : shards) {
                if (shard == null
                        || !ManifestFile.isPlain(shard.name())
                        || !shard.counts().isPossible()) {
                    throw file.contradiction("expected shards of split " + name
                            + " with names of files in the same folder and possible counts, found " + shard);
                }
                ofShards = ofShards.plus(shard.counts());
            }
            if (!ofShards.equals(counts)) {
                throw file.contradiction("expected split " + name + " to have the counts of its shards, " + ofShards
                        + ", found " + counts);
            }
        }
    }

    /** @throws org.seqpe.core.UserException if it is not a manifest of answers, or not of this version */
    public static AnswerManifest of(ManifestFile file) {
        AnswerManifest manifest =
                file.convert(file.require(ManifestFile.Kind.ANSWERS, FORMAT_VERSION), AnswerManifest.class);
        if (manifest.splits.containsValue(null)) {
            throw file.contradiction("expected splits, found null among them");
        }
        manifest.splits.forEach((name, split) -> split.require(name, file));
        return manifest;
    }

    /** The file's text: the same for equal manifests. */
    public String toJson() {
        return ManifestFile.text(this);
    }
}

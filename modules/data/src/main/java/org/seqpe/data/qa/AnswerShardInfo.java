package org.seqpe.data.qa;

import org.seqpe.data.shard.SequenceInfo;
import org.seqpe.data.shard.StoredFile;

/**
 * The manifest's entry for a shard: its three files {@code name.bin}, {@code name.idx} and {@code name.jsonl}.
 *
 * @param name path without extension, relative to the dataset's folder
 * @param counts what it holds
 * @param bin the tokens: prompt and answer of each example
 * @param idx Megatron's index; an example is a document of two sequences
 * @param jsonl an {@link AnswerLine} for each example
 */
public record AnswerShardInfo(String name, AnswerCounts counts, StoredFile bin, StoredFile idx, StoredFile jsonl) {
    /** Extension of the file of lines. */
    public static final String JSONL = ".jsonl";
    /** Prompt and answer. */
    static final int SEQUENCES_PER_EXAMPLE = 2;

    /** The same shard under another name. */
    public AnswerShardInfo named(String newName) {
        return new AnswerShardInfo(newName, counts, bin, idx, jsonl);
    }

    SequenceInfo sequences() {
        return new SequenceInfo(counts.examples(), SEQUENCES_PER_EXAMPLE, counts.tokens(), bin, idx);
    }
}

package org.seqpe.data.shard;

import org.seqpe.data.text.encoding.TextCounts;

/**
 * The manifest's entry for a shard: its three files {@code name.bin}, {@code name.idx} and {@code name.counts}.
 *
 * @param name path without extension, relative to the dataset's folder
 * @param documents documents in it
 * @param tokens tokens in it, separators included
 * @param text the text they stand for
 * @param bin the tokens
 * @param idx Megatron's index
 * @param counts words, bytes and characters of each document
 */
public record ShardInfo(
        String name, long documents, long tokens, TextCounts text, StoredFile bin, StoredFile idx, StoredFile counts) {
    /** A document of a text is one sequence. */
    static final int SEQUENCES_PER_DOCUMENT = 1;

    /** The same shard under another name. */
    public ShardInfo named(String newName) {
        return new ShardInfo(newName, documents, tokens, text, bin, idx, counts);
    }

    /** What its files {@code .bin} and {@code .idx} hold. */
    SequenceInfo sequences() {
        return new SequenceInfo(documents, SEQUENCES_PER_DOCUMENT, tokens, bin, idx);
    }
}

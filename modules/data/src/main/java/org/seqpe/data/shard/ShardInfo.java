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

    /** The same shard under another name. */
    public ShardInfo named(String newName) {
        return new ShardInfo(newName, documents, tokens, text, bin, idx, counts);
    }
}

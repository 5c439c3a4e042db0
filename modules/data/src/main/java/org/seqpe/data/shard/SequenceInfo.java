package org.seqpe.data.shard;

/**
 * What a pair of files {@code .bin} and {@code .idx} holds, as the manifest says.
 *
 * @param documents documents in them
 * @param sequencesPerDocument sequences of tokens that each document has
 * @param tokens tokens of all sequences
 * @param bin the tokens
 * @param idx Megatron's index
 */
public record SequenceInfo(long documents, int sequencesPerDocument, long tokens, StoredFile bin, StoredFile idx) {

    /** Sequences of all documents. */
    public long sequences() {
        return documents * sequencesPerDocument;
    }
}

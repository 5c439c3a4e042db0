package org.seqpe.data.shard;

import java.nio.charset.StandardCharsets;

/**
 * The layout of a shard's files, all numbers little-endian. {@code .bin} holds the tokens of all documents, one after
 * the other. {@code .idx} is Megatron-LM's (megatron/core/datasets/indexed_dataset.py): magic, version (8 bytes), type
 * code (1), number of sequences n (8), length of the document index (8), n sequence lengths (4 each), n byte offsets
 * into .bin (8 each), and the document index (8 each): the first sequence of each document, then n. A document of a
 * text is one sequence; one that asks a question is two, prompt and answer. {@code .counts}, this project's own format,
 * is magic, version (4), number of documents (8), then for all documents the words, then the bytes, then the characters
 * (4 each).
 */
final class ShardFormat {
    static final String BIN = ".bin";
    static final String IDX = ".idx";
    static final String COUNTS = ".counts";

    static final byte[] IDX_MAGIC = "MMIDIDX\0\0".getBytes(StandardCharsets.US_ASCII);
    static final long IDX_VERSION = 1;
    static final int IDX_HEADER = 9 + 8 + 1 + 8 + 8;

    static final byte[] COUNTS_MAGIC = "SEQPECNT".getBytes(StandardCharsets.US_ASCII);
    static final int COUNTS_VERSION = 1;
    static final int COUNTS_HEADER = 8 + 4 + 8;

    private ShardFormat() {}

    static long idxLength(long sequences, long documents) {
        return IDX_HEADER + sequences * (Integer.BYTES + Long.BYTES) + (documents + 1) * Long.BYTES;
    }

    static long countsLength(long documents) {
        return COUNTS_HEADER + documents * 3 * Integer.BYTES;
    }
}

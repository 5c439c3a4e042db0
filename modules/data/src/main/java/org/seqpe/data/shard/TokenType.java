package org.seqpe.data.shard;

/**
 * How a token is stored: Megatron-LM's type codes for .idx files (megatron/core/datasets/indexed_dataset.py, DType).
 */
public enum TokenType {
    INT32(4, Integer.BYTES),
    UINT16(8, Short.BYTES);

    /** Megatron stores 16-bit tokens below this vocabulary size. */
    private static final int SMALL_VOCABULARY = 65_500;

    private final int code;
    private final int bytes;

    TokenType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The type for a vocabulary of this size; it can hold every id. */
    public static TokenType of(int vocabularySize) {
        return vocabularySize < SMALL_VOCABULARY ? UINT16 : INT32;
    }

    /** Megatron's code. */
    public int code() {
        return code;
    }

    /** Bytes per token. */
    public int bytes() {
        return bytes;
    }
}

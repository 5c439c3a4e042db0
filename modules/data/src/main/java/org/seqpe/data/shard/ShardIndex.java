package org.seqpe.data.shard;

import static org.seqpe.data.shard.ShardFormat.COUNTS;

import java.nio.ByteBuffer;
import org.seqpe.core.UserException;
import org.seqpe.data.text.encoding.TextCounts;

/** The document lengths and counts of one shard of text, in memory. */
public final class ShardIndex {
    /** The maximum number of documents whose counts fit an array. */
    private static final int MOST_DOCUMENTS = (Integer.MAX_VALUE - 8 - ShardFormat.COUNTS_HEADER) / (3 * Integer.BYTES);

    private final SequenceIndex sequences;
    private final ByteBuffer counts;

    private ShardIndex(SequenceIndex sequences, ByteBuffer counts) {
        this.sequences = sequences;
        this.counts = counts;
    }

    /**
     * Compares a shard's files with the manifest without reading them whole: lengths, magic numbers, versions, type and
     * number of documents.
     *
     * @throws UserException naming the file, what was expected and what was found
     */
    public static void check(String path, ShardInfo info, TokenType type) {
        SequenceIndex.check(path, info.sequences(), type);
        checkCounts(path, info);
    }

    private static void checkCounts(String path, ShardInfo info) {
        info.counts().requireLength(path + COUNTS);
        ByteBuffer counts = SequenceIndex.readFirst(path + COUNTS, ShardFormat.COUNTS_HEADER);
        SequenceIndex.checkMagic(path + COUNTS, ShardFormat.COUNTS_MAGIC, counts);
        StoredFile.requireEqual(path + COUNTS, "version", ShardFormat.COUNTS_VERSION, counts.getInt());
        StoredFile.requireEqual(path + COUNTS, "documents", info.documents(), counts.getLong());
        StoredFile.requireEqual(
                path + COUNTS,
                "bytes",
                ShardFormat.countsLength(info.documents()),
                info.counts().bytes());
    }

    /**
     * Checks a shard as {@link #check} does and reads its index.
     *
     * @param path path of the shard without extension
     * @throws UserException also if the document lengths do not add up to the tokens, or if there are more documents
     *     than fit in memory
     */
    public static ShardIndex read(String path, ShardInfo info, TokenType type) {
        if (info.documents() > MOST_DOCUMENTS) {
            throw SequenceIndex.tooMany(path, "documents", MOST_DOCUMENTS, info.documents());
        }
        checkCounts(path, info);
        SequenceIndex sequences = SequenceIndex.read(path, info.sequences(), type);
        ByteBuffer counts =
                SequenceIndex.readFirst(path + COUNTS, Math.toIntExact(ShardFormat.countsLength(info.documents())));
        return new ShardIndex(sequences, SequenceIndex.slice(counts, ShardFormat.COUNTS_HEADER));
    }

    public int documents() {
        return sequences.sequences();
    }

    /** Number of tokens of a document, including its separator. */
    public int size(int document) {
        return sequences.size(document);
    }

    /** The lengths of the documents. */
    SequenceIndex sequences() {
        return sequences;
    }

    /** The text of a document. */
    public TextCounts counts(int document) {
        return new TextCounts(count(0, document), count(1, document), count(2, document));
    }

    private int count(int column, int document) {
        return counts.getInt((column * documents() + document) * Integer.BYTES);
    }
}

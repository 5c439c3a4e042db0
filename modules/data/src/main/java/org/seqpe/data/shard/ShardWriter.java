package org.seqpe.data.shard;

import static org.seqpe.data.shard.ShardFormat.COUNTS;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.seqpe.data.text.encoding.TextCounts;

/**
 * Writes one shard of text, document by document. The tokens go to disk immediately; 16 bytes per document stay in
 * memory until {@link #finish}. The files' bytes are a function of the documents alone. Not safe for use by several
 * threads.
 */
public final class ShardWriter implements Closeable {
    private final String path;
    private final TokenType type;
    private final SequenceWriter sequences;
    private int[][] counts = new int[3][16];
    private int documents;
    private TextCounts text = TextCounts.ZERO;

    /** @param path path of the shard without extension */
    public ShardWriter(String path, TokenType type) {
        this.path = path;
        this.type = type;
        this.sequences = new SequenceWriter(path, type, ShardInfo.SEQUENCES_PER_DOCUMENT);
    }

    /**
     * Appends a document.
     *
     * @param ids its tokens, with a separator if it has one
     * @param counts the text they stand for; less than 2^31 bytes
     */
    public void add(int[] ids, TextCounts counts) {
        sequences.add(ids);
        addToCounts(counts);
    }

    /** Appends all documents of another shard of the same type. */
    public void addAll(String otherPath, ShardInfo other) {
        ShardIndex index = ShardIndex.read(otherPath, other, type);
        sequences.addAll(otherPath, index.sequences());
        for (int i = 0; i < index.documents(); i++) {
            addToCounts(index.counts(i));
        }
    }

    private void addToCounts(TextCounts added) {
        if (documents == counts[0].length) {
            int longer = Math.addExact(documents, documents >> 1);
            for (int i = 0; i < counts.length; i++) {
                counts[i] = Arrays.copyOf(counts[i], longer);
            }
        }
        counts[0][documents] = Math.toIntExact(added.words());
        counts[1][documents] = Math.toIntExact(added.bytes());
        counts[2][documents] = Math.toIntExact(added.characters());
        documents++;
        text = text.plus(added);
    }

    /**
     * Writes the index and closes all files.
     *
     * @param name name of the shard in the manifest
     */
    public ShardInfo finish(String name) {
        SequenceInfo written = sequences.finish();
        return new ShardInfo(name, documents, written.tokens(), text, written.bin(), written.idx(), writeCounts());
    }

    private StoredFile writeCounts() {
        try (HashedFile file = new HashedFile(path + COUNTS)) {
            ByteBuffer header = SequenceWriter.littleEndian(ShardFormat.COUNTS_HEADER);
            header.put(ShardFormat.COUNTS_MAGIC)
                    .putInt(ShardFormat.COUNTS_VERSION)
                    .putLong(documents);
            file.write(header.array(), 0, header.position());
            for (int[] column : counts) {
                SequenceWriter.writeInts(file, column, documents);
            }
            return file.finish();
        }
    }

    /** Closes the token file. After {@link #finish} it does nothing. */
    @Override
    public void close() {
        sequences.close();
    }
}

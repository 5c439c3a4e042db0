package org.seqpe.data.qa;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.data.shard.HashedFile;
import org.seqpe.data.shard.SequenceIndex;
import org.seqpe.data.shard.SequenceInfo;
import org.seqpe.data.shard.SequenceWriter;
import org.seqpe.data.shard.TokenType;

/**
 * Writes one shard, example by example. The files' bytes are a function of the examples alone. Not safe for use by
 * several threads.
 */
public final class AnswerShardWriter implements Closeable {
    private final TokenType type;
    private final SequenceWriter sequences;
    private final HashedFile lines;
    private AnswerCounts counts = AnswerCounts.ZERO;

    /** @param path path of the shard without extension */
    public AnswerShardWriter(String path, TokenType type) {
        this.type = type;
        this.sequences = new SequenceWriter(path, type, AnswerShardInfo.SEQUENCES_PER_EXAMPLE);
        this.lines = new HashedFile(path + AnswerShardInfo.JSONL);
    }

    /**
     * Appends an example.
     *
     * @param prompt ids of context and question
     * @param answer ids of the answer, without an end token
     * @param line the rest
     */
    public void add(int[] prompt, int[] answer, AnswerLine line) {
        sequences.add(prompt);
        sequences.add(answer);
        byte[] text = (Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8);
        lines.write(text, 0, text.length);
        counts = counts.plus(AnswerCounts.of(prompt.length, answer.length, line));
    }

    /** Appends all examples of another shard of the same type. */
    public void addAll(String otherPath, AnswerShardInfo other) {
        sequences.addAll(otherPath, SequenceIndex.read(otherPath, other.sequences(), type));
        String otherLines = otherPath + AnswerShardInfo.JSONL;
        try (InputStream in = HadoopFiles.open(otherLines)) {
            in.transferTo(lines);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + otherLines + ": " + e.getMessage(), e);
        }
        counts = counts.plus(other.counts());
    }

    /**
     * Writes the index and closes all files.
     *
     * @param name name of the shard in the manifest
     */
    public AnswerShardInfo finish(String name) {
        SequenceInfo written = sequences.finish();
        return new AnswerShardInfo(name, counts, written.bin(), written.idx(), lines.finish());
    }

    /** Closes the files. After {@link #finish} it does nothing. */
    @Override
    public void close() {
        sequences.close();
        lines.close();
    }
}

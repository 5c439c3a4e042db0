package org.seqpe.data.qa.stage;

import java.io.Closeable;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.qa.AnswerLine;
import org.seqpe.data.qa.AnswerShardWriter;
import org.seqpe.data.qa.corpus.Question;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.tokenizer.Tokenizer;

/** Turns questions into tokens and writes a {@link Part} of them. */
final class PartWriter implements Closeable {
    private final String path;
    private final Tokenizer tokenizer;
    private final AnswerShardWriter shard;
    private final SortedMap<String, Long> skipped = new TreeMap<>();

    /** @param path path of the part without extension */
    PartWriter(String path, Tokenizer tokenizer) {
        this.path = path;
        this.tokenizer = tokenizer;
        this.shard = new AnswerShardWriter(path, TokenType.of(tokenizer.vocabularySize()));
    }

    void add(Question question) {
        shard.add(
                tokenizer.encode(question.prompt()),
                tokenizer.encode(question.answer()),
                new AnswerLine(question.index(), question.outputs(), question.length(), question.depth()));
    }

    /** Counts an example that is left out. */
    void skip(String reason) {
        skipped.merge(reason, 1L, Long::sum);
    }

    /** The {@link Part} as JSON. */
    String finish() {
        return Json.line(new Part("", shard.finish(path), skipped));
    }

    /** The {@link Part} of a task that found something wrong with the input, as JSON. */
    String refuse(UserException problem) {
        return Json.line(new Part(problem.getMessage(), shard.finish(path), skipped));
    }

    @Override
    public void close() {
        shard.close();
    }
}

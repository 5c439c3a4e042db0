package org.seqpe.data.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.seqpe.core.io.Json;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.ShardWriter;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

/** Second stage: makes a small shard, called a part, from each spool file. */
final class Tokenize {

    /**
     * @param spool a spool file
     * @param tokenizerId id of the tokenizer
     * @param separator the token after each document, or -1
     * @param path beginning of the part's path
     */
    record Task(SpoolFile spool, String tokenizerId, int separator, String path) {}

    private Tokenize() {}

    /** The result is the part's {@link ShardInfo}, whose name is its path. */
    static String run(String json, String attempt) {
        Task task = Json.parse(json, Task.class, "a task of preparation");
        String path = task.path() + "-" + attempt;
        return Json.line(tokenize(task, path));
    }

    private static ShardInfo tokenize(Task task, String path) {
        Tokenizer tokenizer = Tokenizers.of(task.tokenizerId());
        try (ShardWriter writer = new ShardWriter(path, TokenType.of(tokenizer.vocabularySize()))) {
            Spool.read(task.spool(), (number, text) -> {
                int[] ids = tokenizer.encode(new String(text, StandardCharsets.UTF_8));
                if (task.separator() >= 0) {
                    ids = Arrays.copyOf(ids, ids.length + 1);
                    ids[ids.length - 1] = task.separator();
                }
                writer.add(ids, TextCounts.of(text));
            });
            return writer.finish(path);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot tokenize " + task.spool().path() + ": " + e.getMessage(), e);
        }
    }
}

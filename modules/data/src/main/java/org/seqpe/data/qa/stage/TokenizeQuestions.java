package org.seqpe.data.qa.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.seqpe.core.io.Json;
import org.seqpe.data.prepare.Spool;
import org.seqpe.data.prepare.SpoolFile;
import org.seqpe.data.qa.corpus.Question;
import org.seqpe.data.tokenizer.Tokenizers;

/** Second stage for questions that stay as they came: makes a {@link Part} from each spool file. */
public final class TokenizeQuestions {

    /**
     * @param spool a spool file of {@link Question}s
     * @param tokenizerId id of the tokenizer
     * @param path beginning of the part's path
     */
    public record Task(SpoolFile spool, String tokenizerId, String path) {}

    private TokenizeQuestions() {}

    /** The result is a {@link Part}. */
    public static String run(String json, String attempt) {
        Task task = Json.parse(json, Task.class, "a task of preparation");
        try (PartWriter writer = new PartWriter(task.path() + "-" + attempt, Tokenizers.of(task.tokenizerId()))) {
            Spool.read(
                    task.spool(),
                    (number, question) -> writer.add(
                            Json.parse(new String(question, StandardCharsets.UTF_8), Question.class, "a spool file")));
            return writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot tokenize " + task.spool().path() + ": " + e.getMessage(), e);
        }
    }
}

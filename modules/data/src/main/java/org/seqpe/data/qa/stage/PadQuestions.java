package org.seqpe.data.qa.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.prepare.Spool;
import org.seqpe.data.prepare.SpoolFile;
import org.seqpe.data.qa.corpus.SquadQuestion;
import org.seqpe.data.qa.haystack.Haystack;
import org.seqpe.data.qa.haystack.Padding;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

/** Puts the paragraphs of questions among others, up to a number of tokens: makes a {@link Part} from a spool file. */
public final class PadQuestions {

    /**
     * @param split name of the split
     * @param questions a spool file of {@link SquadQuestion}s
     * @param texts the other paragraphs of the split
     * @param length tokens of an example
     * @param tokenizerId id of the tokenizer
     * @param seed seed of everything that is drawn
     * @param path beginning of the part's path
     */
    public record Task(
            String split,
            SpoolFile questions,
            List<SpoolFile> texts,
            int length,
            String tokenizerId,
            long seed,
            String path) {}

    private static final long PURPOSE = "padding".hashCode();

    private PadQuestions() {}

    /** The result is a {@link Part}. */
    public static String run(String json, String attempt) {
        Task task = Json.parse(json, Task.class, "a task of preparation");
        Tokenizer tokenizer = Tokenizers.of(task.tokenizerId());
        Padding padding = new Padding(new Haystack(task.texts()), tokenizer, task.length(), task.split());
        try (PartWriter writer = new PartWriter(task.path() + "-" + attempt, tokenizer)) {
            try {
                Spool.read(task.questions(), (number, content) -> {
                    SquadQuestion question = Json.parse(
                            new String(content, StandardCharsets.UTF_8), SquadQuestion.class, "a spool file");
                    RandomStream random = RandomStream.of(
                            task.seed(), PURPOSE, task.split().hashCode(), task.length(), question.index());
                    Padding.Padded padded = padding.pad(question, random);
                    if (padded.question() == null) {
                        writer.skip(padded.reason());
                    } else {
                        writer.add(padded.question());
                    }
                });
                return writer.finish();
            } catch (UserException e) {
                return writer.refuse(e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + task.questions().path() + ": " + e.getMessage(), e);
        }
    }
}

package org.seqpe.data.qa.stage;

import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.core.random.Permutation;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.prepare.SpoolFile;
import org.seqpe.data.qa.haystack.Haystack;
import org.seqpe.data.qa.haystack.NeedleForm;
import org.seqpe.data.qa.haystack.NeedleText;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

/**
 * Hides needles in the texts of a split. Of n examples of a length, example i takes the text from the i-th n-th of the
 * split's text on, and each n-th of the depths from 0 to 1 is that of one example; within an n-th both are drawn.
 */
public final class MakeNeedles {

    /**
     * @param split name of the split
     * @param texts the split's texts
     * @param form what is hidden
     * @param count needles, for the forms that have several
     * @param length tokens of an example
     * @param examples n: how many the split has of this length
     * @param from the first of them that this task makes
     * @param to the one after the last
     * @param firstIndex the index of the split's first example of this length
     * @param tokenizerId id of the tokenizer
     * @param seed seed of everything that is drawn
     * @param path beginning of the part's path
     */
    public record Task(
            String split,
            List<SpoolFile> texts,
            NeedleForm form,
            int count,
            int length,
            int examples,
            int from,
            int to,
            long firstIndex,
            String tokenizerId,
            long seed,
            String path) {}

    private static final long PLACE = "needle place".hashCode();
    private static final long DEPTH = "needle depth".hashCode();
    private static final long CONTENT = "needle content".hashCode();

    private MakeNeedles() {}

    /** The result is a {@link Part}. */
    public static String run(String json, String attempt) {
        Task task = Json.parse(json, Task.class, "a task of preparation");
        Tokenizer tokenizer = Tokenizers.of(task.tokenizerId());
        NeedleText texts =
                new NeedleText(task.form(), task.count(), new Haystack(task.texts()), tokenizer, task.split());
        Permutation depths = new Permutation(seed(task, DEPTH, 0), task.examples());
        try (PartWriter writer = new PartWriter(task.path() + "-" + attempt, tokenizer)) {
            try {
                for (int i = task.from(); i < task.to(); i++) {
                    double place = (i + random(task, PLACE, i).nextDouble()) / task.examples();
                    double depth = (depths.at(i) + random(task, DEPTH, i + 1L).nextDouble()) / task.examples();
                    writer.add(texts.question(
                            task.firstIndex() + i, task.length(), place, depth, random(task, CONTENT, i)));
                }
                return writer.finish();
            } catch (UserException e) {
                return writer.refuse(e);
            }
        }
    }

    private static RandomStream random(Task task, long purpose, long number) {
        return new RandomStream(seed(task, purpose, number));
    }

    private static long seed(Task task, long purpose, long number) {
        return RandomStream.derive(task.seed(), purpose, task.split().hashCode(), task.length(), number);
    }
}

package org.seqpe.data.qa.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.JsonLines;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.qa.corpus.AnswerLines;
import org.seqpe.data.qa.corpus.Question;
import org.seqpe.data.qa.corpus.QuestionException;

/** First stage for JSON Lines: reads files, checks every line and sorts the questions by split into spool files. */
public final class CollectLines {

    /**
     * @param files some of the corpus's files, in order
     * @param splitRule how questions are assigned to splits
     * @param skipInvalid whether lines that cannot be used are skipped
     * @param spoolBytes a spool file is closed once it has this many bytes
     * @param prefix beginning of the spool files' paths
     */
    public record Task(
            List<InputFile> files, SplitRule splitRule, boolean skipInvalid, long spoolBytes, String prefix) {}

    private static final String BLANK = "blank line";

    private final Task task;
    private final QuestionSpools spools;

    private CollectLines(Task task, String attempt) {
        this.task = task;
        this.spools = new QuestionSpools(task.splitRule(), task.prefix() + "-" + attempt, task.spoolBytes());
    }

    /** The result is a {@link QuestionSpools.Found}. */
    public static String run(String json, String attempt) {
        return Json.line(new CollectLines(Json.parse(json, Task.class, "a task of preparation"), attempt).run());
    }

    private QuestionSpools.Found run() {
        try {
            for (InputFile file : task.files()) {
                AnswerLines lines = new AnswerLines(file);
                JsonLines.read(file.path(), (line, number, place) -> accept(file, lines, line, number, place));
            }
            return spools.finish();
        } catch (UserException e) {
            // Returns a result rather than failing, because a cluster would only try the same input again.
            return QuestionSpools.Found.nothing(e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } finally {
            spools.close();
        }
    }

    private void accept(InputFile file, AnswerLines lines, byte[] line, long number, String place) {
        try {
            Optional<Question> question = lines.question(line, number, place);
            if (question.isEmpty()) {
                spools.skip(spools.split(file, line), BLANK);
            } else {
                byte[] content = question.get().content();
                spools.add(spools.split(file, content), question.get(), content);
            }
        } catch (QuestionException e) {
            spools.leaveOut(spools.split(file, line), place, e, task.skipInvalid());
        }
    }
}

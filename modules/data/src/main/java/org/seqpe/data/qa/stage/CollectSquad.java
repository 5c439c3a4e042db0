package org.seqpe.data.qa.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.core.random.Permutation;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.prepare.Collected;
import org.seqpe.data.prepare.Spool;
import org.seqpe.data.qa.corpus.QuestionException;
import org.seqpe.data.qa.corpus.SquadEntry;
import org.seqpe.data.qa.corpus.SquadQuestion;
import org.seqpe.data.qa.corpus.SquadReader;

/**
 * First stage for SQuAD: reads all files of a split, leaves out what cannot be asked, and spools the questions. One
 * task reads a whole split, because it finds equal questions. The paragraphs, each once, are spooled in an order that
 * is drawn, so that those that follow each other are of different articles.
 */
public final class CollectSquad implements SquadReader.Sink {

    /**
     * @param files all files of a split, or of the corpus if files name no splits
     * @param splitRule how questions are assigned to splits: by the titles of articles if files name none
     * @param skipInvalid whether questions that cannot be read are skipped
     * @param alone whether questions are spooled as prompts with their paragraph alone
     * @param seed seed of the order of paragraphs
     * @param spoolBytes a spool file is closed once it has this many bytes
     * @param prefix beginning of the spool files' paths
     */
    public record Task(
            List<InputFile> files,
            SplitRule splitRule,
            boolean skipInvalid,
            boolean alone,
            long seed,
            long spoolBytes,
            String prefix) {}

    private static final String DUPLICATE = "duplicate";
    private static final String MOVED = "answer at another place than its offset";
    private static final long PURPOSE = "order of paragraphs".hashCode();

    private final Task task;
    private final String prefix;
    private final QuestionSpools spools;
    private final Map<String, Set<ByteBuffer>> seen = new HashMap<>();
    private final SortedMap<String, Set<String>> paragraphs = new TreeMap<>();
    private final SortedMap<String, Long> questions = new TreeMap<>();
    private InputFile file;
    private String split;

    private CollectSquad(Task task, String attempt) {
        this.task = task;
        this.prefix = task.prefix() + "-" + attempt;
        this.spools = new QuestionSpools(task.splitRule(), prefix, task.spoolBytes());
    }

    /** The result is a {@link QuestionSpools.Found}. */
    public static String run(String json, String attempt) {
        return Json.line(new CollectSquad(Json.parse(json, Task.class, "a task of preparation"), attempt).run());
    }

    private QuestionSpools.Found run() {
        try {
            for (InputFile next : task.files()) {
                file = next;
                SquadReader.read(next.path(), this);
            }
            QuestionSpools.Found found = spools.finish();
            if (!task.alone()) {
                paragraphs.forEach((name, texts) -> found.paragraphs().put(name, spool(name, List.copyOf(texts))));
            }
            return found;
        } catch (UserException e) {
            // Returns a result rather than failing, because a cluster would only try the same input again.
            return QuestionSpools.Found.nothing(e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } finally {
            spools.close();
        }
    }

    private Collected spool(String name, List<String> texts) {
        Permutation order = new Permutation(RandomStream.derive(task.seed(), PURPOSE, name.hashCode()), texts.size());
        try (Spool spool = new Spool(prefix + "-paragraphs-" + name, task.spoolBytes(), false)) {
            for (int i = 0; i < texts.size(); i++) {
                spool.add(0, texts.get((int) order.at(i)).getBytes(StandardCharsets.UTF_8));
            }
            return spool.finish();
        }
    }

    @Override
    public void paragraph(String title, String context) {
        String stripped = context.strip();
        split = split(title, stripped);
        if (!stripped.isEmpty()) {
            paragraphs.computeIfAbsent(split, name -> new LinkedHashSet<>()).add(stripped);
        }
    }

    private String split(String title, String context) {
        return spools.split(file, (title.isBlank() ? context : title).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void question(SquadEntry entry, String place) {
        long index = questions.merge(split, 1L, Long::sum) - 1;
        if (!entry.leftOut().isEmpty()) {
            spools.skip(split, entry.leftOut());
            return;
        }
        SquadQuestion question =
                new SquadQuestion(index, entry.context(), entry.question(), entry.outputs(), entry.start());
        byte[] content = question.content();
        if (!seen.computeIfAbsent(split, name -> new HashSet<>())
                .add(ByteBuffer.wrap(HadoopFiles.newSha256().digest(content)))) {
            spools.skip(split, DUPLICATE);
            return;
        }
        if (entry.moved()) {
            spools.remark(split, MOVED);
        }
        spools.add(split, task.alone() ? question.alone() : question, content);
    }

    @Override
    public void invalid(String title, String place, QuestionException problem) {
        spools.leaveOut(split(title, place), place, problem, task.skipInvalid());
    }
}

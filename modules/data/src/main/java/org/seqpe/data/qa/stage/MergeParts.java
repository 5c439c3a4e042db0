package org.seqpe.data.qa.stage;

import java.util.List;
import org.seqpe.core.io.Json;
import org.seqpe.data.qa.AnswerShardInfo;
import org.seqpe.data.qa.AnswerShardWriter;
import org.seqpe.data.shard.TokenType;

/** Last stage: joins parts into a shard. */
public final class MergeParts {

    /**
     * @param parts the parts, in order
     * @param type type of their tokens
     * @param path beginning of the shard's path
     */
    public record Task(List<AnswerShardInfo> parts, TokenType type, String path) {}

    private MergeParts() {}

    /** The result is the shard's {@link AnswerShardInfo}, whose name is its path. */
    public static String run(String json, String attempt) {
        Task task = Json.parse(json, Task.class, "a task of preparation");
        String path = task.path() + "-" + attempt;
        try (AnswerShardWriter writer = new AnswerShardWriter(path, task.type())) {
            for (AnswerShardInfo part : task.parts()) {
                writer.addAll(part.name(), part);
            }
            return Json.line(writer.finish(path));
        }
    }
}

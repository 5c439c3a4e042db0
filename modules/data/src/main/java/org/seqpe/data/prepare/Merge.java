package org.seqpe.data.prepare;

import java.util.List;
import org.seqpe.core.io.Json;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.ShardWriter;
import org.seqpe.data.shard.TokenType;

/** Third stage: joins parts into a shard. */
final class Merge {

    /**
     * @param parts the parts, in order
     * @param type type of their tokens
     * @param path beginning of the shard's path
     */
    record Task(List<ShardInfo> parts, TokenType type, String path) {}

    private Merge() {}

    /** The result is the shard's {@link ShardInfo}, whose name is its path. */
    static String run(String json, String attempt) {
        Task task = Json.parse(json, Task.class, "a task of preparation");
        String path = task.path() + "-" + attempt;
        try (ShardWriter writer = new ShardWriter(path, task.type())) {
            for (ShardInfo part : task.parts()) {
                writer.addAll(part.name(), part);
            }
            return Json.line(writer.finish(path));
        }
    }
}

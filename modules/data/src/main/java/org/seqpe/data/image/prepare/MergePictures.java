package org.seqpe.data.image.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.seqpe.core.io.Json;
import org.seqpe.data.image.shard.PictureShardWriter;
import org.seqpe.data.prepare.Spool;
import org.seqpe.data.prepare.SpoolFile;

/** Second stage: makes a shard of spool files. */
final class MergePictures {

    /**
     * @param spools the spool files, in order
     * @param first number of the first picture in its split
     * @param path beginning of the shard's path
     */
    record Task(List<SpoolFile> spools, long first, String path) {}

    private MergePictures() {}

    /** The result is the shard's {@link org.seqpe.data.image.shard.PictureShardInfo}, whose name is its path. */
    static String run(String json, String attempt) {
        Task task = Json.parse(json, Task.class, "a task of preparation");
        String path = task.path() + "-" + attempt;
        try (PictureShardWriter writer = new PictureShardWriter(path, task.first())) {
            for (SpoolFile spool : task.spools()) {
                Spool.read(spool, writer::add);
            }
            return Json.line(writer.finish(path));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make the shard " + path + ": " + e.getMessage(), e);
        }
    }
}

package org.seqpe.core.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;

/**
 * metrics.jsonl: one JSON object per line, each with the number of its round. Lines are durable once {@link #append}
 * returns.
 */
public final class MetricsLog {
    private static final String ROUND = "round";
    private final String path;

    public MetricsLog(String path) {
        this.path = path;
    }

    /** Adds a line: the round, then the values in the order of the map; none may be NaN or infinite. */
    public void append(long round, Map<String, ?> values) {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put(ROUND, round);
        values.forEach((key, value) -> line.set(key, Json.tree(value)));
        HadoopFiles.append(path, (Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Drops the lines of later rounds, which a run that resumes from a checkpoint of this round computes again. */
    public void truncateAfter(long round) {
        List<JsonNode> all = lines();
        List<JsonNode> kept =
                all.stream().filter(line -> line.get(ROUND).asLong() <= round).toList();
        if (HadoopFiles.exists(path)) {
            StringBuilder text = new StringBuilder();
            kept.forEach(line -> text.append(Json.line(line)).append('\n'));
            HadoopFiles.writeAtomically(path, text.toString());
        }
    }

    /**
     * All complete lines. A last line that a crash cut off is left out. Any other line that is not a JSON object with a
     * round number is refused.
     */
    public List<JsonNode> lines() {
        if (!HadoopFiles.exists(path)) {
            return List.of();
        }
        String text = HadoopFiles.readString(path);
        List<JsonNode> lines = new ArrayList<>();
        int number = 1;
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start), number++) {
            String where = path + " line " + number;
            JsonNode line = Json.parse(text.substring(start, end), JsonNode.class, where);
            if (!line.path(ROUND).isIntegralNumber() || !line.path(ROUND).canConvertToLong()) {
                throw new UserException("Cannot read " + where + ": expected an object with a whole number \"" + ROUND
                        + "\", found " + line + ".");
            }
            lines.add(line);
            start = end + 1;
        }
        return lines;
    }
}

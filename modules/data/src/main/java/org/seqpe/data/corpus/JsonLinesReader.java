package org.seqpe.data.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.seqpe.core.UserException;
import org.seqpe.data.text.encoding.Utf8;

/** Reads JSON Lines: one JSON object per line, whose text field is a document. A blank line is an empty document. */
final class JsonLinesReader implements DocumentReader {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int SHOWN = 60;
    private final String field;

    /** @param field name of the text field; dots select fields of nested objects if no field has the whole name */
    JsonLinesReader(String field) {
        this.field = field;
    }

    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        long[] number = new long[1];
        Lines.read(file.path(), ContentCheck.JSON_LINES, (line, offset) -> {
            String place = "line " + ++number[0] + " of " + file.path();
            sink.accept(new Document(file.split(), text(line, place), at -> place));
        });
    }

    private byte[] text(byte[] line, String place) {
        if (Utf8.firstInvalid(line) >= 0) {
            // The sink finds the problem, and counts or refuses the document.
            return line;
        }
        String json = new String(line, StandardCharsets.UTF_8);
        // A byte order mark at the beginning of a file.
        json = json.startsWith("\uFEFF") ? json.substring(1) : json;
        if (json.isBlank()) {
            return new byte[0];
        }
        JsonNode value = value(object(json, place));
        if (!value.isTextual()) {
            throw new UserException("Cannot read " + place + ": expected a text in the field '" + field + "', found "
                    + (value.isMissingNode() ? "no such field in " + shortened(json) : value.getNodeType())
                    + ". Name the field with --text-field.");
        }
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value.textValue()));
            byte[] text = new byte[bytes.remaining()];
            bytes.get(text);
            return text;
        } catch (CharacterCodingException e) {
            throw new UserException(
                    "Cannot read " + place + ": the field '" + field
                            + "' has an escape (\\u) of half a character. Mend the line, or take it out.",
                    e);
        }
    }

    private static JsonNode object(String json, String place) {
        String problem;
        try {
            JsonNode object = JSON.readTree(json);
            if (object.isObject()) {
                return object;
            }
            problem = "found " + shortened(json);
        } catch (JsonProcessingException e) {
            problem = "found " + shortened(json) + " ("
                    + e.getOriginalMessage().lines().findFirst().orElse("") + ")";
        }
        throw new UserException("Cannot read " + place + ": expected one JSON object a line, " + problem
                + ". A file that is one array, or objects of several lines, becomes JSON Lines by: jq -c '.[]' FILE, "
                + "or jq -c . FILE.");
    }

    private JsonNode value(JsonNode object) {
        if (object.has(field)) {
            return object.get(field);
        }
        JsonNode value = object;
        for (String part : field.split("\\.")) {
            value = value.path(part);
        }
        return value;
    }

    private static String shortened(String json) {
        String text = json.strip();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    /**
     * Whether the first two lines of a text, or its only line, are JSON objects. Texts that people write never begin
     * so.
     */
    static boolean isLikely(byte[] head, boolean isWhole) {
        String text = new String(head, StandardCharsets.UTF_8);
        if (!text.stripLeading().startsWith("{")) {
            return false;
        }
        String[] lines = text.strip().split("\n", 3);
        int whole = lines.length == 1 && !isWhole ? 0 : Math.min(2, lines.length == 2 && !isWhole ? 1 : lines.length);
        for (int i = 0; i < whole; i++) {
            try {
                JsonNode object = JSON.readTree(lines[i]);
                if (object == null || !object.isObject() || object.isEmpty()) {
                    return false;
                }
            } catch (JsonProcessingException e) {
                return false;
            }
        }
        return whole > 0;
    }
}

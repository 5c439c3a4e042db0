package org.seqpe.data.corpus;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.seqpe.core.UserException;

/** JSON Lines: one JSON object per line, in files that may be compressed. */
public final class JsonLines {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int SHOWN = 60;

    /** Takes lines in order. */
    @FunctionalInterface
    public interface Sink {
        /**
         * @param line a line's bytes, not yet checked for valid UTF-8
         * @param number its number in the file, from 1
         * @param place number and file, for messages
         */
        void accept(byte[] line, long number, String place) throws IOException;
    }

    private JsonLines() {}

    /**
     * Passes on the lines of a file.
     *
     * @throws UserException if it is no text, or compressed data is damaged or ends early
     */
    public static void read(String path, Sink sink) throws IOException {
        long[] number = new long[1];
        Lines.read(
                path,
                ContentCheck.JSON_LINES,
                (line, offset) -> sink.accept(line, ++number[0], "line " + number[0] + " of " + path));
    }

    /**
     * The object of a line of valid UTF-8, or empty if the line is blank.
     *
     * @throws UserException if it is anything else
     */
    public static Optional<JsonNode> object(byte[] line, String place) {
        String json = new String(line, StandardCharsets.UTF_8);
        // A byte order mark at the beginning of a file.
        json = json.startsWith("\uFEFF") ? json.substring(1) : json;
        if (json.isBlank()) {
            return Optional.empty();
        }
        String problem;
        try {
            JsonNode object = JSON.readTree(json);
            if (object.isObject()) {
                return Optional.of(object);
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

    /**
     * The UTF-8 of a text that a field holds.
     *
     * @param field its name, for the message
     * @throws UserException if the text has an escape of half a character
     */
    public static byte[] utf8(String text, String field, String place) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] encoded = new byte[bytes.remaining()];
            bytes.get(encoded);
            return encoded;
        } catch (CharacterCodingException e) {
            throw new UserException(
                    "Cannot read " + place + ": the field '" + field
                            + "' has an escape (\\u) of half a character. Mend the line, or take it out.",
                    e);
        }
    }

    /** What was found where a field of some type was expected: the type of the value, or the line without the field. */
    public static String found(JsonNode value, JsonNode object) {
        return value.isMissingNode()
                ? "no such field in " + shortened(object.toString())
                : value.getNodeType().toString();
    }

    private static String shortened(String json) {
        String text = json.strip();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    /** Whether a file's name is that of JSON Lines. */
    public static boolean isNamed(String name) {
        return TextFiles.hasExtension(name, "jsonl", "ndjson");
    }

    /**
     * What the beginning of a file shows of its first object.
     *
     * @param fields JSON pointers to the fields that begin in it, such as {@code /data/0/title}
     * @param isWhole whether the object ends in it
     */
    public record Outline(Set<String> fields, boolean isWhole) {}

    /** Looks at the beginning of a file: what is no JSON has no fields. */
    public static Outline outline(String path) throws IOException {
        Set<String> fields = new TreeSet<>();
        try (JsonParser parser = JSON.createParser(TextFiles.head(path, ContentCheck.JSON_LINES))) {
            JsonToken token = parser.nextToken();
            if (token != JsonToken.START_OBJECT) {
                return new Outline(fields, false);
            }
            while (!parser.getParsingContext().inRoot()) {
                token = parser.nextToken();
                if (token == null) {
                    return new Outline(fields, false);
                }
                if (token == JsonToken.FIELD_NAME) {
                    fields.add(parser.getParsingContext().pathAsPointer().toString());
                }
            }
            return new Outline(fields, true);
        } catch (JsonProcessingException e) {
            // The beginning may end anywhere in the object.
            return new Outline(fields, false);
        }
    }

    /**
     * Whether the first two lines of a text, or its only line, are JSON objects. Texts that people write never begin
     * so.
     *
     * @param head the first bytes of a text
     * @param isWhole whether that is all of it
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

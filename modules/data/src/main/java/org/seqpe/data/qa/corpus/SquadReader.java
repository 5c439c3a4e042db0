package org.seqpe.data.qa.corpus;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.TextFiles;
import org.seqpe.data.qa.corpus.QuestionException.Reason;
import org.seqpe.data.text.encoding.Utf8;

/**
 * Reads SQuAD's JSON, {@code data[].paragraphs[].qas[]}, of versions 1.1 and 2.0. An article at a time is in memory as
 * a tree.
 */
public final class SquadReader {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String EXPECTED = "expected SQuAD's JSON, an object with an array 'data' of articles, found ";

    /** Takes what is read, in order. */
    public interface Sink {
        /**
         * A paragraph begins.
         *
         * @param title the title of its article, or an empty string
         * @param context its text
         */
        void paragraph(String title, String context);

        /** A question about the paragraph, and its place for messages. */
        void question(SquadEntry entry, String place);

        /** Something that is no paragraph or no question. */
        void invalid(String title, String place, QuestionException problem);
    }

    private final String path;
    private final Sink sink;

    private SquadReader(String path, Sink sink) {
        this.path = path;
        this.sink = sink;
    }

    /**
     * Passes on all paragraphs of a file, each with its questions.
     *
     * @throws UserException if it is no JSON of this form
     */
    public static void read(String path, Sink sink) throws IOException {
        byte[] json = TextFiles.json(path);
        int invalid = Utf8.firstInvalid(json);
        if (invalid >= 0) {
            throw new UserException("Cannot read " + path + ", byte " + invalid
                    + ": it is no valid UTF-8. Convert the file to UTF-8, or fetch it again.");
        }
        new SquadReader(path, sink).articles(json);
    }

    private void articles(byte[] json) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw unexpected("no object");
            }
            boolean found = false;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isData = parser.getCurrentName().equals("data");
                JsonToken value = parser.nextToken();
                if (!isData) {
                    parser.skipChildren();
                } else if (value != JsonToken.START_ARRAY) {
                    throw unexpected("no array in 'data'");
                } else {
                    found = true;
                    for (int number = 1; parser.nextToken() != JsonToken.END_ARRAY; number++) {
                        article(JSON.readTree(parser), number);
                    }
                }
            }
            if (!found) {
                throw unexpected("no field 'data'");
            }
        } catch (JsonProcessingException e) {
            throw new UserException(
                    "Cannot read " + path + ": expected JSON, found in line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": "
                            + e.getOriginalMessage().lines().findFirst().orElse("") + ". Fetch the file again.",
                    e);
        }
    }

    private UserException unexpected(String found) {
        return new UserException(
                "Cannot read " + path + ": " + EXPECTED + found + ". Give such files, or choose another --corpus.");
    }

    private void article(JsonNode article, int number) {
        String title = article.path("title").asText("");
        String place = "article " + number + (title.isEmpty() ? "" : " (" + title + ")") + " of " + path;
        JsonNode paragraphs = article.path("paragraphs");
        if (!paragraphs.isArray()) {
            sink.invalid(title, place, mistyped(place, "an array in the field 'paragraphs'"));
            return;
        }
        for (int i = 0; i < paragraphs.size(); i++) {
            paragraph(title, paragraphs.get(i), "paragraph " + (i + 1) + " of " + place);
        }
    }

    private void paragraph(String title, JsonNode paragraph, String place) {
        JsonNode context = paragraph.path("context");
        JsonNode questions = paragraph.path("qas");
        if (!context.isTextual() || !questions.isArray()) {
            sink.invalid(title, place, mistyped(place, "a text in the field 'context' and an array in 'qas'"));
            return;
        }
        sink.paragraph(title, context.textValue());
        for (int i = 0; i < questions.size(); i++) {
            String question = "question " + (i + 1) + " of " + place;
            try {
                sink.question(SquadEntry.of(context.textValue(), questions.get(i), question), question);
            } catch (QuestionException e) {
                sink.invalid(title, question, e);
            }
        }
    }

    static QuestionException mistyped(String place, String expected) {
        return new QuestionException(
                Reason.FIELD,
                "Cannot read " + place + ": expected " + expected + ", found something else. Mend the file");
    }
}

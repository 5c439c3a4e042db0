package org.seqpe.data.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;
import org.seqpe.core.UserException;
import org.seqpe.data.text.encoding.Utf8;

/** Reads JSON Lines whose text field is a document. A blank line is an empty document. */
final class JsonLinesReader implements DocumentReader {
    private final String field;

    /** @param field name of the text field; dots select fields of nested objects if no field has the whole name */
    JsonLinesReader(String field) {
        this.field = field;
    }

    @Override
    public void read(InputFile file, Document.Sink sink) throws IOException {
        JsonLines.read(
                file.path(),
                (line, number, place) -> sink.accept(new Document(file.split(), text(line, place), at -> place)));
    }

    private byte[] text(byte[] line, String place) {
        if (Utf8.firstInvalid(line) >= 0) {
            // The sink finds the problem, and counts or refuses the document.
            return line;
        }
        Optional<JsonNode> object = JsonLines.object(line, place);
        if (object.isEmpty()) {
            return new byte[0];
        }
        JsonNode value = value(object.get());
        if (!value.isTextual()) {
            throw new UserException("Cannot read " + place + ": expected a text in the field '" + field + "', found "
                    + JsonLines.found(value, object.get()) + ". Name the field with --text-field.");
        }
        return JsonLines.utf8(value.textValue(), field, place);
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
}

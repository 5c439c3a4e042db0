package org.seqpe.data.qa.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.JsonLines;
import org.seqpe.data.qa.corpus.QuestionException.Reason;
import org.seqpe.data.text.encoding.Utf8;

/**
 * Turns lines in RULER's form into questions. A line is an object with the fields {@code input}, the prompt, and
 * {@code outputs}, an array of right answers or one of them. It may have {@code index}, {@code length} in tokens,
 * {@code depth} from 0 to 1, and {@code answer_prefix}, with which the prompt ends. Other fields are not read.
 */
public final class AnswerLines {
    private static final String INPUT = "input";
    private static final String OUTPUTS = "outputs";
    private static final String INDEX = "index";
    private static final String LENGTH = "length";
    private static final String DEPTH = "depth";
    private static final String PREFIX = "answer_prefix";

    private final Integer lengthOfFile;

    /** @param file the lines' file, whose name may declare their length */
    public AnswerLines(InputFile file) {
        this.lengthOfFile = NominalLength.of(file);
    }

    /**
     * The question of a line.
     *
     * @param line its bytes
     * @param number its number, from 1: the question's index if it has none
     * @param place its place, for messages
     * @return empty for a blank line
     * @throws QuestionException if it cannot be used
     */
    public Optional<Question> question(byte[] line, long number, String place) throws QuestionException {
        int invalid = Utf8.firstInvalid(line);
        if (invalid >= 0) {
            throw new QuestionException(
                    Reason.UTF8,
                    "Cannot read " + place + ": expected UTF-8, found a byte at " + invalid
                            + " of the line that is none. Convert the file");
        }
        Optional<JsonNode> object;
        try {
            object = JsonLines.object(line, place);
        } catch (UserException e) {
            throw new QuestionException(Reason.JSON, withoutStop(e.getMessage()));
        }
        return object.isEmpty() ? Optional.empty() : Optional.of(new Line(object.get(), place).question(number));
    }

    /** Messages of questions go on with another remedy. */
    private static String withoutStop(String message) {
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    private final class Line {
        private final JsonNode object;
        private final String place;

        Line(JsonNode object, String place) {
            this.object = object;
            this.place = place;
        }

        Question question(long number) throws QuestionException {
            String prompt = withPrefix(text(INPUT, object.path(INPUT))).stripTrailing();
            if (prompt.isBlank()) {
                throw new QuestionException(
                        Reason.EMPTY,
                        "Cannot read " + place + ": expected a prompt in '" + INPUT + "', found none. Mend it");
            }
            List<String> outputs = outputs();
            return new Question(index(number), prompt, Question.answer(outputs.get(0)), outputs, length(), depth());
        }

        private String withPrefix(String input) throws QuestionException {
            if (isAbsent(PREFIX)) {
                return input;
            }
            String prefix = text(PREFIX, object.path(PREFIX));
            return input.stripTrailing().endsWith(prefix.stripTrailing()) ? input : input + prefix;
        }

        private List<String> outputs() throws QuestionException {
            JsonNode value = object.path(OUTPUTS);
            List<String> outputs = new ArrayList<>();
            if (value.isArray()) {
                for (JsonNode one : value) {
                    outputs.add(text(OUTPUTS, one));
                }
            } else {
                outputs.add(text(OUTPUTS, value));
            }
            if (outputs.isEmpty() || outputs.stream().anyMatch(String::isBlank)) {
                throw new QuestionException(
                        Reason.EMPTY,
                        "Cannot read " + place + ": expected one or more answers in '" + OUTPUTS + "', found "
                                + (outputs.isEmpty() ? "none" : "an empty one") + ". Mend it");
            }
            return outputs;
        }

        private long index(long number) throws QuestionException {
            if (isAbsent(INDEX)) {
                return number;
            }
            JsonNode value = object.path(INDEX);
            if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw mistyped(INDEX, "a whole number", value);
            }
            return value.longValue();
        }

        private Integer length() throws QuestionException {
            if (isAbsent(LENGTH)) {
                return lengthOfFile;
            }
            JsonNode value = object.path(LENGTH);
            if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
                throw mistyped(LENGTH, "a number of tokens from 1 on", value);
            }
            return value.intValue();
        }

        private Double depth() throws QuestionException {
            if (isAbsent(DEPTH)) {
                return null;
            }
            JsonNode value = object.path(DEPTH);
            if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() <= 1)) {
                throw mistyped(DEPTH, "a number from 0 to 1", value);
            }
            return value.doubleValue();
        }

        private boolean isAbsent(String field) {
            return object.path(field).isMissingNode() || object.path(field).isNull();
        }

        private String text(String field, JsonNode value) throws QuestionException {
            if (!value.isTextual()) {
                throw mistyped(field, field.equals(OUTPUTS) ? "a text or an array of texts" : "a text", value);
            }
            try {
                JsonLines.utf8(value.textValue(), field, place);
            } catch (UserException e) {
                throw new QuestionException(Reason.UTF8, withoutStop(e.getMessage()));
            }
            return value.textValue();
        }

        private QuestionException mistyped(String field, String expected, JsonNode value) {
            String found = value.isValueNode() && !value.isNull() && !value.isTextual()
                    ? value.toString()
                    : JsonLines.found(value, object);
            return new QuestionException(
                    Reason.FIELD,
                    "Cannot read " + place + ": expected " + expected + " in the field '" + field + "', found " + found
                            + ". Mend it");
        }
    }
}

package org.seqpe.data.qa.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A question as SQuAD has it, and where its answers stand.
 *
 * @param context the paragraph, without white space around it
 * @param question the question
 * @param outputs the different answers that stand in the context, in their order
 * @param start the character of the context where the first of them begins
 * @param moved whether an answer was found at another place than its offset says
 * @param leftOut why it cannot be asked, or an empty string
 */
public record SquadEntry(
        String context, String question, List<String> outputs, int start, boolean moved, String leftOut) {
    /** The reason for questions that SQuAD 2.0 marks as unanswerable. */
    public static final String UNANSWERABLE = "unanswerable";
    /** The reason for questions without any answer. */
    public static final String NO_ANSWERS = "no answers";
    /** The reason for an empty context, question or answer. */
    public static final String EMPTY = "empty";
    /** The reason for questions none of whose answers occurs in the context. */
    public static final String NOT_IN_CONTEXT = "answer not in the context";

    /**
     * Reads an element of {@code qas}.
     *
     * @param context the text of its paragraph
     * @throws QuestionException if a field is missing or has another type
     */
    static SquadEntry of(String context, JsonNode entry, String place) throws QuestionException {
        JsonNode question = entry.path("question");
        JsonNode answers = entry.path("answers");
        if (!question.isTextual()) {
            throw SquadReader.mistyped(place, "a text in the field 'question'");
        }
        if (entry.path("is_impossible").asBoolean(false)) {
            return leftOut(UNANSWERABLE);
        }
        if (answers.isMissingNode() || answers.isArray() && answers.isEmpty()) {
            return leftOut(NO_ANSWERS);
        }
        if (!answers.isArray()) {
            throw SquadReader.mistyped(place, "an array in the field 'answers'");
        }
        if (context.isBlank() || question.textValue().isBlank()) {
            return leftOut(EMPTY);
        }
        return new Answers(context).read(answers, question.textValue().strip(), place);
    }

    private static SquadEntry leftOut(String reason) {
        return new SquadEntry("", "", List.of(), 0, false, reason);
    }

    /** The answers of one question, while they are looked for. */
    private static final class Answers {
        private final String context;
        private final List<String> outputs = new ArrayList<>();
        private int start = -1;
        private boolean moved;
        private boolean blank = true;

        Answers(String context) {
            this.context = context;
        }

        SquadEntry read(JsonNode answers, String question, String place) throws QuestionException {
            for (JsonNode answer : answers) {
                JsonNode text = answer.path("text");
                JsonNode offset = answer.path("answer_start");
                if (!text.isTextual() || !offset.canConvertToInt() || !offset.isIntegralNumber()) {
                    throw SquadReader.mistyped(
                            place, "answers with a text in the field 'text' and a whole number in 'answer_start'");
                }
                if (!text.textValue().isBlank()) {
                    blank = false;
                    accept(text.textValue(), offset.intValue());
                }
            }
            if (blank) {
                return leftOut(EMPTY);
            }
            if (outputs.isEmpty()) {
                return leftOut(NOT_IN_CONTEXT);
            }
            String stripped = context.strip();
            int before = context.indexOf(stripped);
            int last = Math.max(0, stripped.length() - 1);
            return new SquadEntry(stripped, question, outputs, Math.min(Math.max(0, start - before), last), moved, "");
        }

        private void accept(String text, int offset) {
            int at = place(text, offset);
            if (at < 0) {
                return;
            }
            moved |= !isAt(text, offset);
            if (start < 0) {
                start = at;
            }
            if (!outputs.contains(text)) {
                outputs.add(text);
            }
        }

        /** The place of an answer that is nearest to its offset, or -1. */
        private int place(String text, int offset) {
            if (isAt(text, offset)) {
                return character(offset);
            }
            int near = character(Math.max(0, Math.min(offset, context.codePointCount(0, context.length()))));
            int after = context.indexOf(text, near);
            int before = context.lastIndexOf(text, near);
            return before < 0 || after >= 0 && after - near < near - before ? after : before;
        }

        private boolean isAt(String text, int offset) {
            return offset >= 0
                    && offset <= context.codePointCount(0, context.length())
                    && context.startsWith(text, character(offset));
        }

        /** SQuAD counts code points, as Python does. */
        private int character(int offset) {
            return context.offsetByCodePoints(0, offset);
        }
    }
}

package org.seqpe.data.qa.corpus;

/** A question that cannot be used. */
public final class QuestionException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; preparation counts left-out questions by these words. */
    public enum Reason {
        UTF8("invalid UTF-8"),
        JSON("no JSON object"),
        FIELD("missing or mistyped field"),
        EMPTY("empty");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        /** In words, for tables and messages. */
        public String words() {
            return words;
        }
    }

    private final Reason reason;

    /** @param message what could not be read, what was expected and what was found */
    public QuestionException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}

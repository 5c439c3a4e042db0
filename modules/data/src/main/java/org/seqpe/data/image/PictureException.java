package org.seqpe.data.image;

/** A file that is not a picture that training can use. */
public final class PictureException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; preparation counts left-out pictures by these words. */
    public enum Reason {
        EMPTY("no bytes"),
        UNKNOWN("neither JPEG nor PNG"),
        TRUNCATED("ends before the picture does"),
        BROKEN("damaged"),
        TOO_LARGE("more pixels than allowed"),
        UNSUPPORTED("a form of JPEG or PNG that cannot be read");

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

    /** @param detail what was found */
    public PictureException(Reason reason, String detail) {
        super(reason.words() + " (" + detail + ")");
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}

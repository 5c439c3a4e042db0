package org.seqpe.core;

/**
 * The user's input cannot be used: a bad key, a missing file, a value that contradicts another. It is thrown before
 * work starts. Commands print only the message, without a stack trace, and exit with status 2. The message says what
 * could not be done, what was expected, what was found, where, and what to do about it.
 */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserException(String message) {
        super(message);
    }

    public UserException(String message, Throwable cause) {
        super(message, cause);
    }
}

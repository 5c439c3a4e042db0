package org.seqpe.data.corpus;

import java.io.ByteArrayOutputStream;
import java.util.function.Supplier;
import org.seqpe.core.UserException;

/**
 * The bytes of one text while it is read. A text that is too large for memory is refused, long before the size limit of
 * arrays is reached.
 */
final class BoundedText extends ByteArrayOutputStream {
    private static final int MOST_BYTES = 1 << 30;

    private final int most;
    private final Supplier<String> what;
    private final String remedy;

    /**
     * @param what describes the text, for the message
     * @param remedy what to do about a text that is too long
     */
    BoundedText(Supplier<String> what, String remedy) {
        this(MOST_BYTES, what, remedy);
    }

    /** @param most maximum length of a text, in bytes */
    BoundedText(int most, Supplier<String> what, String remedy) {
        this.most = most;
        this.what = what;
        this.remedy = remedy;
    }

    /** @throws UserException if the text would become too long */
    @Override
    public synchronized void write(byte[] bytes, int from, int count) {
        if (count > most - size()) {
            throw new UserException(
                    "Cannot read " + what.get() + ": expected at most " + most + " bytes of text. " + remedy);
        }
        super.write(bytes, from, count);
    }
}

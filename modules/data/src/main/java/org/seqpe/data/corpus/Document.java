package org.seqpe.data.corpus;

import java.io.IOException;

/**
 * A document as it was found: not yet checked for valid UTF-8.
 *
 * @param split the split it belongs to, or empty if its content decides
 * @param text UTF-8
 * @param place where it came from
 */
public record Document(String split, byte[] text, Place place) {

    /** Tells where a byte of a document was found. */
    @FunctionalInterface
    public interface Place {
        /** The file and the place in it, for messages. */
        String of(int byteOfText);
    }

    /** Takes the documents of a corpus in order. */
    @FunctionalInterface
    public interface Sink {
        void accept(Document document) throws IOException;
    }
}

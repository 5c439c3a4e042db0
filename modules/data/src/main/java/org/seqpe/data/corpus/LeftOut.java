package org.seqpe.data.corpus;

/**
 * A file of the input that is not read.
 *
 * @param name path relative to the input
 * @param bytes length as stored
 * @param reason why, one of the constants
 */
public record LeftOut(String name, long bytes, String reason) {
    /** Its name, or that of a folder above it, begins with "." or "_". */
    public static final String HIDDEN = "hidden name";
    /** It is another name of a file that is read: a link, or an input inside another input. */
    public static final String AGAIN = "another name of a file that is read";
    /** Its name assigns it to a split that is not made. */
    public static final String OTHER_SPLIT = "split not wanted";
    /** Its name shows that it is not text of this kind of corpus. */
    public static final String OTHER_KIND = "no text of this corpus by its name";
}

package org.seqpe.cli;

import java.util.Map;
import org.seqpe.cli.pictures.LetterFolders;
import org.seqpe.data.corpus.Splits;

/**
 * The pictures that come with the program: the 26 capital letters in 14 families of fonts, which lie in libraries on
 * the class path. They are drawn from the fonts' outlines at 96 x 96 pixels, so that a sweep over resolutions sees
 * finer detail at every step. No family of fonts is in two splits.
 */
final class QuickstartPictures {
    /** Rows and columns of each picture. */
    static final int SIDE = LetterFolders.SIDE;

    /** Pictures of each of the 26 letters. */
    private static final Map<String, Integer> PER_LETTER =
            Map.of(Splits.TRAIN, 400, Splits.VALIDATION, 40, Splits.TEST, 80);

    private QuickstartPictures() {}

    /**
     * Writes the class folders {@code train/A} to {@code test/Z}. The pictures are a pure function of the seed on every
     * machine. The files' bytes also depend on how the Java runtime compresses PNG files.
     *
     * @param folder any Hadoop path
     */
    static void writeTo(String folder, long seed) {
        LetterFolders.writeTo(folder, seed, PER_LETTER);
    }
}

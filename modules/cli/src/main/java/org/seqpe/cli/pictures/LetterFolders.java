package org.seqpe.cli.pictures;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.corpus.Splits;

/** Writes pictures of letters into a folder for each class: {@code SPLIT/LETTER/NUMBER.png}. */
public final class LetterFolders {
    /** Rows and columns of each picture. */
    public static final int SIDE = LetterPicture.SIDE;

    private LetterFolders() {}

    /**
     * Draws the pictures and writes them. Files of the same name are replaced. Each picture depends on the seed, its
     * split, its letter and its number only.
     *
     * @param folder any Hadoop path
     * @param perLetter how many pictures of each letter every split gets
     */
    public static void writeTo(String folder, long seed, Map<String, Integer> perLetter) {
        try (PngWriter png = new PngWriter()) {
            for (String split : Splits.ALL) {
                write(HadoopFiles.resolve(folder, split), split, seed, perLetter.getOrDefault(split, 0), png);
            }
        }
    }

    private static void write(String folder, String split, long seed, int perLetter, PngWriter png) {
        if (perLetter == 0) {
            return;
        }
        LetterFonts fonts = LetterFonts.of(split);
        for (int letter = 0; letter < LetterFont.LETTERS; letter++) {
            String letterFolder = HadoopFiles.resolve(folder, String.valueOf((char) ('A' + letter)));
            HadoopFiles.createFolders(letterFolder);
            for (int number = 0; number < perLetter; number++) {
                RandomStream random = RandomStream.of(seed, split.hashCode(), letter, number);
                byte[] rgb = LetterPicture.draw(fonts, letter, random);
                String name = String.format(Locale.ROOT, "%04d.png", number);
                write(HadoopFiles.resolve(letterFolder, name), png.bytes(rgb, LetterPicture.SIDE));
            }
        }
    }

    private static void write(String path, byte[] bytes) {
        try (OutputStream out = HadoopFiles.create(path)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path + ": " + e.getMessage(), e);
        }
    }
}

package org.seqpe.data.image.corpus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.seqpe.core.UserException;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.Char;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;
import us.hebi.matlab.mat.types.Struct;

/**
 * What ImageNet's development kit says of its classes: the WordNet id and the words of each of the challenge's own
 * numbers. It comes from the kit's meta.mat (MATLAB 5), or from a text file with lines {@code NUMBER ID WORDS}.
 *
 * @param byNumber WordNet ids by the challenge's numbers, which begin at 1
 * @param words words by WordNet ids
 */
record Synsets(Map<Integer, String> byNumber, Map<String, String> words) {
    /** A kit that is not there. */
    static final Synsets NONE = new Synsets(Map.of(), Map.of());

    private static final String VARIABLE = "synsets";
    private static final Pattern LINE = Pattern.compile("\\s*(\\d+)\\s+(n\\d{8})(?:\\s+(.*))?");

    /**
     * Reads meta.mat.
     *
     * @param where the file, for messages
     * @throws UserException if it has no such table
     */
    static Synsets ofMat(byte[] content, String where) {
        try (Source source = Sources.wrap(ByteBuffer.wrap(content))) {
            Struct table = Mat5.newReader(source).readMat().getStruct(VARIABLE);
            Map<Integer, String> byNumber = new HashMap<>();
            Map<String, String> words = new HashMap<>();
            for (int i = 0; i < table.getNumElements(); i++) {
                String id = text(table.get("WNID", i));
                byNumber.put(number(table.get("ILSVRC2012_ID", i)), id);
                words.put(id, text(table.get("words", i)));
            }
            return new Synsets(byNumber, words);
        } catch (IOException | RuntimeException e) {
            throw new UserException(
                    "Cannot read " + where + ": expected MATLAB's format 5 with a table '" + VARIABLE
                            + "' of ILSVRC2012_ID, WNID and words (" + e.getMessage()
                            + "). Fetch ImageNet's development kit again, or put a text file synsets.txt in its place,"
                            + " with a line NUMBER ID WORDS for each class.",
                    e);
        }
    }

    private static Array unwrapped(Array value) {
        return value instanceof Cell cell && cell.getNumElements() == 1 ? unwrapped(cell.get(0)) : value;
    }

    private static int number(Array value) {
        return ((Matrix) unwrapped(value)).getInt(0);
    }

    private static String text(Array value) {
        return ((Char) unwrapped(value)).getRow(0);
    }

    /**
     * Reads a text file.
     *
     * @throws UserException naming the first line that is none of {@code NUMBER ID WORDS}
     */
    static Synsets ofText(byte[] content, String where) {
        Map<Integer, String> byNumber = new HashMap<>();
        Map<String, String> words = new HashMap<>();
        int number = 0;
        for (String line : new String(content, StandardCharsets.UTF_8).split("\\R")) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new UserException("Cannot read " + where + ": expected the number of a class, its WordNet id"
                        + " (such as n01440764) and its words, found '" + line + "' in line " + number + ".");
            }
            byNumber.put(Integer.valueOf(matcher.group(1)), matcher.group(2));
            words.put(
                    matcher.group(2),
                    matcher.group(3) == null ? "" : matcher.group(3).strip());
        }
        return new Synsets(byNumber, words);
    }
}

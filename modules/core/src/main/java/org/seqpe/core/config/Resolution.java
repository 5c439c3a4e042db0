package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.require;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of a picture. Configurations write it as {@code 224}, or as {@code 224x320} where it is not square.
 *
 * @param rows pixels from top to bottom
 * @param columns pixels from left to right
 */
public record Resolution(int rows, int columns) implements Serializable {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,5})(?:x([0-9]{1,5}))?");

    /**
     * Reads a configured size.
     *
     * @param key where it stands, for the message
     * @throws IllegalArgumentException if it is none
     */
    public static Resolution parse(String text, String key) {
        Matcher form = FORM.matcher(text);
        require(form.matches(), "expected a resolution such as 224, or 224x320 for rows x columns, found " + text, key);
        int rows = Integer.parseInt(form.group(1));
        int columns = form.group(2) == null ? rows : Integer.parseInt(form.group(2));
        require(rows > 0 && columns > 0, "expected a resolution of at least 1 pixel, found " + text, key);
        return new Resolution(rows, columns);
    }

    /** Whether patches of this many pixels cover it without a rest. */
    public boolean isDivisibleBy(int patch) {
        return rows % patch == 0 && columns % patch == 0;
    }

    /** As configurations write it. */
    @Override
    public String toString() {
        return rows == columns ? Integer.toString(rows) : rows + "x" + columns;
    }
}

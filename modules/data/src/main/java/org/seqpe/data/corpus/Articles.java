package org.seqpe.data.corpus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Groups WikiText's lines into articles. An article begins at a top-level heading, a line {@code " = Title = "} (deeper
 * ones have more than one "=" a side) with blank lines before and after it. Text before the first heading is a separate
 * article unless it is blank. The concatenated texts of the articles are exactly the lines.
 */
final class Articles {
    private final Document.Sink sink;
    private final BoundedText article =
            new BoundedText(this::where, "Divide it with headings, or use --corpus text, which cuts long texts.");
    private String split = "";
    private Document.Place place;
    private boolean hasText;
    private boolean afterBlank = true;
    private byte[] heading;
    private Document.Place headingPlace;

    Articles(Document.Sink sink) {
        this.sink = sink;
    }

    /** Adds a line with its newline, if it has one. */
    void add(String lineSplit, byte[] line, Document.Place linePlace) throws IOException {
        if (!lineSplit.equals(split)) {
            finish();
            split = lineSplit;
        }
        boolean blank = isBlank(line);
        if (heading != null) {
            placeHeading(blank);
        }
        if (afterBlank && isHeading(line)) {
            heading = line;
            headingPlace = linePlace;
        } else {
            append(line, linePlace, !blank);
        }
        afterBlank = blank;
    }

    /** Ends the last article. */
    void finish() throws IOException {
        if (heading != null) {
            placeHeading(true);
        }
        emit();
        afterBlank = true;
    }

    private void placeHeading(boolean isHeading) throws IOException {
        if (isHeading && hasText) {
            emit();
        }
        append(heading, headingPlace, true);
        heading = null;
    }

    private void append(byte[] line, Document.Place linePlace, boolean text) throws IOException {
        if (place == null) {
            place = linePlace;
        }
        article.write(line);
        hasText |= text;
    }

    private String where() {
        return "the article at " + place.of(0);
    }

    private void emit() throws IOException {
        if (place != null) {
            sink.accept(new Document(split, article.toByteArray(), place));
        }
        article.reset();
        place = null;
        hasText = false;
    }

    static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }

    static boolean isHeading(byte[] line) {
        // Only the ends matter, and they are ASCII.
        String text = new String(line, StandardCharsets.ISO_8859_1).stripTrailing();
        return text.length() > 5
                && text.startsWith(" = ")
                && text.charAt(3) != '='
                && text.endsWith(" =")
                && text.charAt(text.length() - 3) != '=';
    }
}

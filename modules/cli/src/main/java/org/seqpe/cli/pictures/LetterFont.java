package org.seqpe.cli.pictures;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.GlyphData;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;

/** The outlines of the capital letters A to Z in one font. The height of an H is 1 in every font. */
final class LetterFont {
    /** Number of letters. */
    static final int LETTERS = 26;

    private final String resource;
    private final List<Path2D> outlines;

    private LetterFont(String resource, List<Path2D> outlines) {
        this.resource = resource;
        this.outlines = outlines;
    }

    /**
     * Reads a TrueType font from the class path.
     *
     * @throws IllegalStateException if it is not there or lacks a letter
     */
    static LetterFont read(String resource) {
        try (InputStream in = LetterFont.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "Cannot draw the quickstart's pictures: the font " + resource + " is not on the class path");
            }
            try (TrueTypeFont font = new TTFParser().parse(new RandomAccessReadBuffer(in.readAllBytes()))) {
                return new LetterFont(resource, outlines(font, resource));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the font " + resource, e);
        }
    }

    private static List<Path2D> outlines(TrueTypeFont font, String resource) throws IOException {
        CmapLookup glyphs = font.getUnicodeCmapLookup();
        double height = outline(font, glyphs, 'H', resource).getBounds2D().getHeight();
        List<Path2D> outlines = new ArrayList<>();
        for (int letter = 0; letter < LETTERS; letter++) {
            Path2D outline = outline(font, glyphs, (char) ('A' + letter), resource);
            Rectangle2D bounds = outline.getBounds2D();
            // Fonts count upward from the baseline, pictures downward. The middle of an H becomes the origin.
            AffineTransform transform =
                    new AffineTransform(1 / height, 0, 0, -1 / height, -bounds.getCenterX() / height, 0.5);
            outlines.add(new Path2D.Double(outline, transform));
        }
        return outlines;
    }

    private static Path2D outline(TrueTypeFont font, CmapLookup glyphs, char letter, String resource)
            throws IOException {
        int glyph = glyphs.getGlyphId(letter);
        GlyphData data = glyph == 0 ? null : font.getGlyph().getGlyph(glyph);
        if (data == null) {
            throw new IllegalStateException(
                    "Cannot draw the letter " + letter + ": the font " + resource + " lacks it");
        }
        return data.getPath();
    }

    /** Where the font was read from. */
    String resource() {
        return resource;
    }

    /**
     * The outline of a letter. Its middle from left to right is at 0, and so is the middle of the height of an H. The
     * second coordinate grows downward.
     *
     * @param letter 0 for A to 25 for Z
     */
    Path2D outline(int letter) {
        return outlines.get(letter);
    }
}

package org.seqpe.cli.pictures;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import org.seqpe.core.random.RandomStream;

/**
 * A picture of a letter. The letter stands near the middle, slanted and turned a little, in ink on paper with a
 * texture. Some pictures have the ink lighter than the paper. Strokes cross it, and parts of other letters may reach in
 * from the sides.
 *
 * <p>A picture is a pure function of its random stream, its letter and its fonts.
 */
final class LetterPicture {
    /** Rows and columns. */
    static final int SIDE = 96;

    /** Height of an H, as a share of the side. */
    private static final double SMALLEST = 0.5;

    private static final double LARGEST = 0.75;
    /** The widest that a letter gets, as a share of the side. */
    private static final double WIDEST = 0.85;
    /** How far the middle of a letter may be from the middle of the picture, as a share of the side. */
    private static final double AWAY = 0.06;

    private static final double LARGEST_TURN = StrictMath.toRadians(10);
    private static final double LARGEST_SLANT = 0.15;
    private static final double LARGEST_STRETCH = 0.15;
    private static final double INVERTED = 0.15;
    private static final double NEIGHBOUR = 0.25;
    private static final double NEIGHBOUR_GAP = 0.15;
    private static final int MOST_STROKES = 2;
    private static final int COARSE = 3;
    private static final int FINE = 16;

    private final RandomStream random;
    private final Canvas canvas = new Canvas(SIDE);

    private LetterPicture(RandomStream random) {
        this.random = random;
    }

    /**
     * Draws a picture.
     *
     * @param letter 0 for A to 25 for Z
     * @return [96, 96, 3], one byte each of red, green and blue
     */
    static byte[] draw(LetterFonts fonts, int letter, RandomStream random) {
        return new LetterPicture(random).draw(fonts.draw(random), letter);
    }

    private byte[] draw(LetterFont font, int letter) {
        boolean isInverted = random.nextDouble() < INVERTED;
        double[] paper = colour(0.6, 0.9, isInverted);
        double[] ink = colour(0.05, 0.35, isInverted);
        canvas.fill(paper);
        canvas.shade(new Texture(COARSE, random), between(0, 0.2));
        canvas.shade(new Texture(FINE, random), between(0, 0.06));
        strokes(random.nextInt(MOST_STROKES + 1), ink);
        letters(font, letter, ink);
        strokes(random.nextInt(2), paper);
        return canvas.rgb();
    }

    private double between(double least, double most) {
        return least + (most - least) * random.nextDouble();
    }

    /** A colour of some lightness, with a tint. */
    private double[] colour(double darkest, double lightest, boolean isInverted) {
        double light = between(darkest, lightest);
        double[] colour = new double[Canvas.CHANNELS];
        for (int channel = 0; channel < colour.length; channel++) {
            double value = light + between(-0.12, 0.12);
            colour[channel] = isInverted ? 1 - value : value;
        }
        return colour;
    }

    private void letters(LetterFont font, int letter, double[] ink) {
        Rectangle2D bounds = font.outline(letter).getBounds2D();
        double size = Math.min(between(SMALLEST, LARGEST), WIDEST / bounds.getWidth());
        AffineTransform place = place(size);
        double opacity = between(0.75, 1);
        canvas.paint(font.outline(letter), place, ink, opacity);
        for (int side = -1; side <= 1; side += 2) {
            if (random.nextDouble() < NEIGHBOUR) {
                Path2D neighbour = font.outline(random.nextInt(LetterFont.LETTERS));
                double apart = (bounds.getWidth() + neighbour.getBounds2D().getWidth()) / 2 + NEIGHBOUR_GAP;
                AffineTransform beside = new AffineTransform(place);
                beside.translate(side * apart, 0);
                canvas.paint(neighbour, beside, ink, opacity);
            }
        }
    }

    /** Puts letters of a size near the middle. Only StrictMath gives the same sine on every machine. */
    private AffineTransform place(double size) {
        double turn = between(-LARGEST_TURN, LARGEST_TURN);
        double slant = between(-LARGEST_SLANT, LARGEST_SLANT);
        double wide = size * between(1 - LARGEST_STRETCH, 1 + LARGEST_STRETCH);
        double sine = StrictMath.sin(turn);
        double cosine = StrictMath.cos(turn);
        AffineTransform place = new AffineTransform(
                cosine, sine, -sine, cosine, 0.5 + between(-AWAY, AWAY), 0.5 + between(-AWAY, AWAY));
        place.concatenate(new AffineTransform(wide, 0, slant * size, size, 0, 0));
        return place;
    }

    /** Draws straight strokes from one place to another. They are fainter than the letter. */
    private void strokes(int count, double[] colour) {
        for (int i = 0; i < count; i++) {
            double fromX = between(-0.2, 1.2);
            double fromY = between(-0.2, 1.2);
            double alongX = between(-0.2, 1.2) - fromX;
            double alongY = between(-0.2, 1.2) - fromY;
            double half = between(0.005, 0.03);
            Path2D stroke = new Path2D.Double();
            stroke.moveTo(0, -half);
            stroke.lineTo(1, -half);
            stroke.lineTo(1, half);
            stroke.lineTo(0, half);
            stroke.closePath();
            double length = Math.sqrt(alongX * alongX + alongY * alongY);
            AffineTransform place =
                    new AffineTransform(alongX, alongY, -alongY / length, alongX / length, fromX, fromY);
            canvas.paint(stroke, place, colour, between(0.2, 0.6));
        }
    }
}

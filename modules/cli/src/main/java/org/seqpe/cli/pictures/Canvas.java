package org.seqpe.cli.pictures;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;

/** A square picture that shapes are painted on, one over the other. Colours are red, green and blue from 0 to 1. */
final class Canvas {
    static final int CHANNELS = 3;

    private final int side;
    private final float[] colours;
    private final float[] covered;
    private final Coverage coverage;

    /** @param side its rows and columns */
    Canvas(int side) {
        this.side = side;
        this.colours = new float[side * side * CHANNELS];
        this.covered = new float[side * side];
        this.coverage = new Coverage(side, side);
    }

    /** Fills all of it with one colour. */
    void fill(double[] colour) {
        for (int at = 0; at < colours.length; at++) {
            colours[at] = (float) colour[at % CHANNELS];
        }
    }

    /**
     * Makes the picture lighter or darker from place to place.
     *
     * @param strength the most that a colour changes by
     */
    void shade(Texture texture, double strength) {
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                float light = (float) (strength * texture.at((column + 0.5) / side, (row + 0.5) / side));
                int at = (row * side + column) * CHANNELS;
                for (int channel = 0; channel < CHANNELS; channel++) {
                    colours[at + channel] += light;
                }
            }
        }
    }

    /**
     * Paints a shape.
     *
     * @param transform from the shape's coordinates to those of the picture, which has a side of 1
     * @param opacity 1 hides what is below, 0 shows all of it
     */
    void paint(Path2D shape, AffineTransform transform, double[] colour, double opacity) {
        AffineTransform pixels = AffineTransform.getScaleInstance(side, side);
        pixels.concatenate(transform);
        coverage.fill(shape, pixels, covered);
        for (int pixel = 0; pixel < covered.length; pixel++) {
            float share = (float) (covered[pixel] * opacity);
            if (share > 0) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    int at = pixel * CHANNELS + channel;
                    colours[at] += share * ((float) colour[channel] - colours[at]);
                }
            }
        }
    }

    /** The picture: [side, side, 3], one byte each of red, green and blue. */
    byte[] rgb() {
        byte[] rgb = new byte[colours.length];
        for (int at = 0; at < rgb.length; at++) {
            rgb[at] = (byte) Math.round(255 * Math.min(Math.max(colours[at], 0), 1));
        }
        return rgb;
    }
}

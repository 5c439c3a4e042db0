package org.seqpe.cli.pictures;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;
import java.util.Arrays;

/**
 * How much of each pixel a shape covers. Every edge of the shape adds the signed area between itself and the right
 * border of the picture, so that the sum over all edges is the area inside. Curves are cut into straight lines first.
 *
 * <p>The result depends on nothing but the shape. Java's own drawing may differ between its versions and its builds.
 */
final class Coverage {
    /** The most that a straight line may be away from the curve that it stands for, in pixels. */
    private static final double FLATNESS = 0.05;

    private final int width;
    private final int height;
    /** [height, width + 2]: the change of the covered area from a pixel to the next one of its row. */
    private final double[] change;

    Coverage(int width, int height) {
        this.width = width;
        this.height = height;
        this.change = new double[height * (width + 2)];
    }

    /**
     * Writes the share of each pixel that is inside a shape, from 0 to 1.
     *
     * @param transform from the shape's coordinates to pixels
     * @param target [height, width]
     */
    void fill(Path2D shape, AffineTransform transform, float[] target) {
        Arrays.fill(change, 0);
        double[] point = new double[6];
        double startX = 0;
        double startY = 0;
        double x = 0;
        double y = 0;
        for (PathIterator path = shape.getPathIterator(transform, FLATNESS); !path.isDone(); path.next()) {
            int kind = path.currentSegment(point);
            if (kind != PathIterator.SEG_LINETO) {
                // A move or an end closes the part before it.
                edge(x, y, startX, startY);
                x = startX;
                y = startY;
            }
            if (kind == PathIterator.SEG_LINETO) {
                edge(x, y, point[0], point[1]);
            } else if (kind == PathIterator.SEG_MOVETO) {
                startX = point[0];
                startY = point[1];
            }
            if (kind != PathIterator.SEG_CLOSE) {
                x = point[0];
                y = point[1];
            }
        }
        edge(x, y, startX, startY);
        sum(target);
    }

    private void sum(float[] target) {
        for (int row = 0; row < height; row++) {
            double area = 0;
            for (int column = 0; column < width; column++) {
                area += change[row * (width + 2) + column];
                // Where parts of a shape lie on each other, their areas add up to more than the pixel.
                target[row * width + column] = (float) Math.min(Math.abs(area), 1);
            }
        }
    }

    private void edge(double fromX, double fromY, double toX, double toY) {
        if (fromY == toY) {
            return;
        }
        boolean isDown = fromY < toY;
        double top = isDown ? fromY : toY;
        double bottom = isDown ? toY : fromY;
        double topX = isDown ? fromX : toX;
        double slope = (toX - fromX) / (toY - fromY);
        int last = (int) Math.min(height, Math.ceil(bottom));
        for (int row = (int) Math.max(0, Math.floor(top)); row < last; row++) {
            double upper = Math.max(row, top);
            double lower = Math.min(row + 1, bottom);
            double tall = isDown ? lower - upper : upper - lower;
            double one = inside(topX + (upper - top) * slope);
            double other = inside(topX + (lower - top) * slope);
            span(row * (width + 2), Math.min(one, other), Math.max(one, other), tall);
        }
    }

    /** What lies beside the picture counts as its border. */
    private double inside(double x) {
        return Math.min(Math.max(x, 0), width);
    }

    /**
     * Adds the part of an edge that lies in one row.
     *
     * @param tall its height, negative if the edge runs upward
     */
    private void span(int at, double left, double right, double tall) {
        int first = (int) left;
        int last = (int) right;
        if (first == last) {
            double beside = (left + right) / 2 - first;
            change[at + first] += tall * (1 - beside);
            change[at + first + 1] += tall * beside;
            return;
        }
        double perColumn = tall / (right - left);
        for (int column = first; column <= last; column++) {
            double from = Math.max(left, column);
            double to = Math.min(right, column + 1);
            double part = perColumn * (to - from);
            double beside = (from + to) / 2 - column;
            change[at + column] += part * (1 - beside);
            change[at + column + 1] += part * beside;
        }
    }
}

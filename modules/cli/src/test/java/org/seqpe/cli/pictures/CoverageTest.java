package org.seqpe.cli.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CoverageTest {
    private static final int WIDTH = 7;
    private static final int HEIGHT = 5;

    private final float[] covered = new float[HEIGHT * WIDTH];

    @Test
    void coversPartsOfPixels() {
        fill(new Path2D.Double(new Rectangle2D.Double(1.25, 2.5, 3, 1.5)), new AffineTransform());
        assertThat(row(1)).containsOnly(0);
        assertThat(row(2)).containsExactly(0, 0.375f, 0.5f, 0.5f, 0.125f, 0, 0);
        assertThat(row(3)).containsExactly(0, 0.75f, 1, 1, 0.25f, 0, 0);
        assertThat(row(4)).containsOnly(0);
    }

    @Test
    void coversHalfOfThePixelsOnADiagonal() {
        Path2D triangle = new Path2D.Double();
        triangle.moveTo(0, 0);
        triangle.lineTo(5, 5);
        triangle.lineTo(0, 5);
        fill(triangle, new AffineTransform());
        assertThat(row(0)).containsExactly(0.5f, 0, 0, 0, 0, 0, 0);
        assertThat(row(3)).containsExactly(1, 1, 1, 0.5f, 0, 0, 0);
    }

    @Test
    void followsAnEdgeOverManyPixelsOfARow() {
        Path2D triangle = new Path2D.Double();
        triangle.moveTo(1.5, 1);
        triangle.lineTo(6, 2);
        triangle.lineTo(1.5, 2);
        fill(triangle, new AffineTransform());
        double area = 0;
        for (float share : row(1)) {
            area += share;
        }
        assertThat(area).isCloseTo(4.5 / 2, within(1e-6));
        // From 2 to 3 the edge is 0.5/4.5 to 1.5/4.5 below the top.
        assertThat(row(1)[2]).isCloseTo((float) (1 - 1 / 4.5), within(1e-6f));
    }

    @Test
    void curvesHaveTheirArea() {
        fill(new Path2D.Double(new Ellipse2D.Double(1, 0.5, 5, 4)), new AffineTransform());
        assertThat(sum()).isCloseTo(Math.PI * 2.5 * 2, within(0.15));
    }

    @Test
    void theDirectionOfAnOutlineDoesNotCountAndHolesStayEmpty() {
        Path2D ring = new Path2D.Double(new Rectangle2D.Double(1, 1, 5, 3));
        Path2D hole = new Path2D.Double();
        hole.moveTo(3, 2);
        hole.lineTo(3, 3);
        hole.lineTo(4, 3);
        hole.lineTo(4, 2);
        hole.closePath();
        ring.append(hole, false);
        fill(ring, new AffineTransform());
        assertThat(row(2)).containsExactly(0, 1, 1, 0, 1, 1, 0);
        float[] before = covered.clone();
        fill(ring, new AffineTransform(-1, 0, 0, 1, WIDTH, 0));
        assertThat(covered).containsExactly(before);
    }

    @Test
    void whatIsBesideThePictureIsCutOff() {
        fill(new Path2D.Double(new Rectangle2D.Double(-3, -3, 4, 20)), new AffineTransform());
        assertThat(sum()).isEqualTo(HEIGHT);
        fill(new Path2D.Double(new Rectangle2D.Double(6, -3, 400, 20)), new AffineTransform());
        assertThat(row(0)).containsExactly(0, 0, 0, 0, 0, 0, 1);
        assertThat(sum()).isEqualTo(HEIGHT);
        fill(new Path2D.Double(new Rectangle2D.Double(8, 8, 4, 4)), new AffineTransform());
        assertThat(sum()).isZero();
    }

    private void fill(Path2D shape, AffineTransform transform) {
        new Coverage(WIDTH, HEIGHT).fill(shape, transform, covered);
    }

    private float[] row(int row) {
        return Arrays.copyOfRange(covered, row * WIDTH, (row + 1) * WIDTH);
    }

    private double sum() {
        double sum = 0;
        for (float share : covered) {
            sum += share;
        }
        return sum;
    }
}

package org.seqpe.model.position;

/**
 * Sines and cosines of the angles by which {@link org.seqpe.compute.Device#rotary} turns the pairs (2i, 2i+1) of query
 * and key vectors. Angles are computed in double precision.
 *
 * @param positions P, rows
 * @param pairs columns: D/2 for one angle shared by the heads, H*D/2 for one each
 * @param sin [P, pairs]
 * @param cos [P, pairs]
 */
public record RotaryTable(int positions, int pairs, float[] sin, float[] cos) {

    /** The angle of a pair at a position. */
    private interface Angle {
        double at(int position, int pair);
    }

    /**
     * RoFormer (arXiv 2104.09864): pair i at position p turns by p / base^(2i/D).
     *
     * @param positions [P]
     * @param headWidth D, even
     */
    public static RotaryTable sequential(int[] positions, int headWidth, double base) {
        double[] frequencies = frequencies(headWidth, 2, base);
        return of(positions.length, frequencies.length, (p, pair) -> positions[p] * frequencies[pair]);
    }

    /**
     * Axial 2-D rotation (Heo et al., arXiv 2403.13298): the first D/4 pairs turn by column / base^(4i/D), the others
     * by row / base^(4i/D).
     *
     * @param positions [P, 2] row and column
     * @param headWidth D, a multiple of 4
     */
    public static RotaryTable axial(int[] positions, int headWidth, double base) {
        double[] frequencies = frequencies(headWidth, 4, base);
        int half = frequencies.length;
        return of(
                positions.length / 2,
                2 * half,
                (p, pair) -> pair < half
                        ? positions[2 * p + 1] * frequencies[pair]
                        : positions[2 * p] * frequencies[pair - half]);
    }

    /**
     * Mixed 2-D rotation with learned frequencies (arXiv 2403.13298): a pair turns by column * columnFrequency + row *
     * rowFrequency.
     *
     * @param positions [P, 2] row and column
     * @param columnFrequencies [H*D/2], one layer's
     * @param rowFrequencies [H*D/2]
     */
    public static RotaryTable mixed(int[] positions, double[] columnFrequencies, double[] rowFrequencies) {
        return of(
                positions.length / 2,
                columnFrequencies.length,
                (p, pair) -> positions[2 * p + 1] * columnFrequencies[pair] + positions[2 * p] * rowFrequencies[pair]);
    }

    /** base^(-divisor * i / D) for i from 0 to D/divisor - 1. */
    private static double[] frequencies(int headWidth, int divisor, double base) {
        if (headWidth < divisor || headWidth % divisor != 0) {
            throw new IllegalArgumentException(
                    "Cannot rotate heads: expected a head width that " + divisor + " divides, found " + headWidth);
        }
        double[] frequencies = new double[headWidth / divisor];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(base, -(double) divisor * i / headWidth);
        }
        return frequencies;
    }

    private static RotaryTable of(int positions, int pairs, Angle angle) {
        float[] sin = new float[Math.multiplyExact(positions, pairs)];
        float[] cos = new float[sin.length];
        for (int p = 0; p < positions; p++) {
            for (int pair = 0; pair < pairs; pair++) {
                double turned = angle.at(p, pair);
                sin[p * pairs + pair] = (float) Math.sin(turned);
                cos[p * pairs + pair] = (float) Math.cos(turned);
            }
        }
        return new RotaryTable(positions, pairs, sin, cos);
    }
}

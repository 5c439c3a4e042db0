package org.seqpe.model.position;

/** Sinusoidal position vectors (Vaswani et al., arXiv 1706.03762, section 3.5): sine and cosine alternate. */
public final class SinusoidalTable {
    private SinusoidalTable() {}

    /**
     * The vectors of positions: element 2i is sin(p / base^(2i/width)), element 2i+1 its cosine. Computed in double
     * precision, so far positions are as exact as near ones.
     *
     * @param positions [P]
     * @param width C
     * @return [P, C]
     */
    public static float[] rows(int[] positions, int width, double base) {
        float[] rows = new float[Math.multiplyExact(positions.length, width)];
        for (int j = 0; j < width; j++) {
            double frequency = Math.pow(base, -2.0 * (j / 2) / width);
            for (int p = 0; p < positions.length; p++) {
                double angle = positions[p] * frequency;
                rows[p * width + j] = (float) (j % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
            }
        }
        return rows;
    }
}

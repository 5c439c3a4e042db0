package org.seqpe.bench;

/** The samples of a step: what both sides of a comparison are given. */
public sealed interface Batch {
    /** What our network reads, sample after sample. */
    float[] features();

    /** What our network learns, sample after sample. */
    float[] labels();

    /**
     * Texts.
     *
     * @param tokens [B * T]
     * @param targets [B * T]
     */
    record Tokens(int[] tokens, int[] targets) implements Batch {
        @Override
        public float[] features() {
            return floats(tokens);
        }

        @Override
        public float[] labels() {
            return floats(targets);
        }

        private static float[] floats(int[] ids) {
            float[] values = new float[ids.length];
            for (int i = 0; i < ids.length; i++) {
                values[i] = ids[i];
            }
            return values;
        }
    }

    /**
     * Pictures. Each is mixed with another one, as the image recipe does, and all of them with the same share.
     *
     * @param pictures [B, 3, rows, columns]
     * @param patches [B, patches, 3 * size * size], the same pictures as training reads them
     * @param classes [B] the pictures' own
     * @param others [B] those of the pictures that were mixed in
     * @param share of the own class
     */
    record Pictures(float[] pictures, float[] patches, int[] classes, int[] others, float share) implements Batch {
        @Override
        public float[] features() {
            return patches;
        }

        @Override
        public float[] labels() {
            float[] labels = new float[3 * classes.length];
            for (int i = 0; i < classes.length; i++) {
                labels[3 * i] = classes[i];
                labels[3 * i + 1] = others[i];
                labels[3 * i + 2] = share;
            }
            return labels;
        }
    }
}

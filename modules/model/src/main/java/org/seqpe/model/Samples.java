package org.seqpe.model;

/**
 * A micro-batch in the form of a DataSet: rows of features and rows of labels, with the sizes that the {@link Task}
 * defines.
 *
 * @param features at least (firstSample + count) rows of features
 * @param labels as many rows of labels; null where there are none, for example in inspections
 * @param firstSample the row at which this micro-batch begins
 * @param count B, samples
 */
public record Samples(float[] features, float[] labels, int firstSample, int count) {
    /** A micro-batch of integers, such as token ids and the ids that follow them. */
    public static Samples of(int[] features, int[] labels, int count) {
        return new Samples(floats(features), labels == null ? null : floats(labels), 0, count);
    }

    private static float[] floats(int[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
        }
        return floats;
    }
}

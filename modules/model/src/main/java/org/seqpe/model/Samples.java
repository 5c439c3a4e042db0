package org.seqpe.model;

/**
 * A micro-batch as a DataSet has it: rows of features and rows of labels, of the sizes that the {@link Task} names.
 *
 * @param features at least (firstSample + count) rows of features
 * @param labels as many rows of labels; null where there are none, as in inspections
 * @param firstSample the row at which this micro-batch begins
 * @param count B, samples
 */
public record Samples(float[] features, float[] labels, int firstSample, int count) {
    /** All rows of a micro-batch of whole numbers, such as token ids and the ids that follow them. */
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

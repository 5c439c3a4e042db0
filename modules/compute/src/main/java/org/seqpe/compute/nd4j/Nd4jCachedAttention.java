package org.seqpe.compute.nd4j;

import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;

/** One call of {@link Device#cachedAttention}, as loops over values. */
final class Nd4jCachedAttention {
    private final CachedAttention spec;
    private final Ints lengths;
    private final HeadValues query;
    private final HeadValues key;
    private final HeadValues value;
    private final HeadValues positionQuery;
    private final HeadValues positionKey;

    /** @param keys of the cache, with those of the new rows */
    Nd4jCachedAttention(
            CachedAttention spec, Ints lengths, AttentionHeads fresh, Heads keys, Heads values, Heads positionKeys) {
        this.spec = spec;
        this.lengths = lengths;
        query = new HeadValues(fresh.query());
        key = new HeadValues(keys);
        value = new HeadValues(values);
        positionQuery = spec.hasPositions() ? new HeadValues(fresh.positionQuery()) : null;
        positionKey = spec.hasPositions() ? new HeadValues(positionKeys) : null;
    }

    void run(Heads out) {
        int width = spec.width();
        float[] result = new float[Math.multiplyExact(spec.batch() * spec.heads(), width)];
        for (int sample = 0; sample < spec.batch(); sample++) {
            for (int head = 0; head < spec.heads(); head++) {
                double[] weights = weights(sample, head);
                int to = (sample * spec.heads() + head) * width;
                for (int d = 0; d < width; d++) {
                    double sum = 0;
                    for (int j = 0; j < weights.length; j++) {
                        sum += weights[j] * value.at(sample * spec.capacity() + j, head, d);
                    }
                    result[to + d] = (float) sum;
                }
            }
        }
        Nd4jHeads.write(out, Nd4j.createFromArray(result).reshape(spec.batch(), spec.heads(), width));
    }

    private double[] weights(int sample, int head) {
        int length = lengths.get(sample);
        double[] weights = new double[length + 1];
        double top = Double.NEGATIVE_INFINITY;
        for (int j = 0; j <= length; j++) {
            double dot = query.dot(sample, key, sample * spec.capacity() + j, head, spec.width());
            if (spec.hasPositions()) {
                dot += spec.positionScale() * positionQuery.dot(sample, positionKey, j, head, spec.positionWidth());
            }
            double bias = spec.slopes() == null ? 0 : spec.slopes()[head] * (double) (j - length);
            weights[j] = spec.scale() * dot + bias;
            top = Math.max(top, weights[j]);
        }
        double sum = 0;
        for (int j = 0; j <= length; j++) {
            weights[j] = Math.exp(weights[j] - top);
            sum += weights[j];
        }
        for (int j = 0; j <= length; j++) {
            weights[j] /= sum;
        }
        return weights;
    }
}

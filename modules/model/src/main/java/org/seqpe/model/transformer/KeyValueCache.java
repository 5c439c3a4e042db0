package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.RowBuffer;
import org.seqpe.model.ModelSpec;

/**
 * Keys and values of everything that a model has read of some samples, layer by layer. Keys are kept as attention reads
 * them, with their positions in them.
 */
public final class KeyValueCache {
    private final Device device;
    private final int heads;
    private final int headWidth;
    private final RowBuffer[] keys;
    private final RowBuffer[] values;
    private int capacity;
    private int[] lengths = new int[0];

    /** A cache for a model of this shape; {@link #begin} gives it a size. */
    public KeyValueCache(ModelSpec spec, Device device) {
        this.device = device;
        heads = spec.config().heads();
        headWidth = spec.config().headWidth();
        int layers = spec.config().layers();
        keys = new RowBuffer[layers];
        values = new RowBuffer[layers];
        for (int i = 0; i < layers; i++) {
            keys[i] = RowBuffer.ofActivations(device, spec.config().width());
            values[i] = RowBuffer.ofActivations(device, spec.config().width());
        }
    }

    /**
     * Empties it.
     *
     * @param samples B
     * @param newCapacity the most rows that a sample will have
     */
    public void begin(int samples, int newCapacity) {
        capacity = newCapacity;
        lengths = new int[samples];
    }

    /** Rows that every sample can have. */
    public int capacity() {
        return capacity;
    }

    /** Rows that each sample has, [B]. */
    public int[] lengths() {
        return lengths.clone();
    }

    /** Keys of a layer: row j of sample b is row b * capacity + j. */
    Heads keys(int layer) {
        return heads(keys[layer]);
    }

    /** Values of a layer, in the same places. */
    Heads values(int layer) {
        return heads(values[layer]);
    }

    /** The rows of a head lie one behind the other, so that attention reads them as one stretch of memory. */
    private Heads heads(RowBuffer buffer) {
        int rows = Math.multiplyExact(lengths.length, capacity);
        return new Heads(buffer.rows(rows), 0, headWidth, Math.multiplyExact(rows, headWidth));
    }

    /** Copies the first rows of an empty sample into a layer. */
    void fill(int layer, int sample, Heads key, Heads value, int firstRow, int rows) {
        device.copyHeads(key.from(firstRow), rows, heads, headWidth, keys(layer).from(sample * capacity));
        device.copyHeads(
                value.from(firstRow), rows, heads, headWidth, values(layer).from(sample * capacity));
    }

    /** Counts the rows that all layers have been given. */
    public void grow(int sample, int rows) {
        if (lengths[sample] + rows > capacity) {
            throw new IllegalStateException("Cannot keep " + (lengths[sample] + rows) + " rows of a sample: expected at"
                    + " most the cache's capacity of " + capacity);
        }
        lengths[sample] += rows;
    }
}

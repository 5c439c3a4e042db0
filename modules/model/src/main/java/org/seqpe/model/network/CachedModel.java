package org.seqpe.model.network;

import java.util.Optional;
import java.util.function.Consumer;
import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Grid;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.position.PositionEncoding;
import org.seqpe.model.position.PositionEncoding.Pass;
import org.seqpe.model.seqpe.EvaluationVectors;
import org.seqpe.model.seqpe.PositionEncoder;
import org.seqpe.model.transformer.KeyValueCache;
import org.seqpe.model.transformer.NextAttention;
import org.seqpe.model.transformer.PromptAttention;
import org.seqpe.model.transformer.RandomKeys;
import org.seqpe.model.transformer.Trunk;

/**
 * A causal model that reads samples bit by bit: first their beginnings, then one row after the other. What it has read
 * stays in a {@link KeyValueCache}, so a further row costs one row's work. Position vectors are computed once for all
 * positions. The numbers are those of {@link TaskModel#evaluate} but for the order of sums. The parameters must not
 * change meanwhile. Not thread-safe.
 */
public final class CachedModel {
    private final TaskModel model;
    private final ModelSpec spec;
    private final Device device;
    private final PositionEncoding all;
    private final Trunk trunk;
    private final EvaluationVectors encoder;
    private final KeyValueCache cache;
    private final PromptAttention promptAttention;
    private final NextAttention nextAttention;
    private final IntBuffer places;
    private final RowBuffer placeVectors;
    private Grid context;
    private Tensor vectors;

    /** @throws IllegalArgumentException if the model's rows see later ones */
    public CachedModel(TaskModel model) {
        this.model = model;
        spec = model.spec();
        device = model.device();
        if (!spec.task().causal() || spec.task().leadingRows() > 0) {
            throw new IllegalArgumentException("Cannot continue samples of the task "
                    + spec.task().name() + ": expected one whose rows see only themselves and those before them");
        }
        RandomKeys keys = new RandomKeys();
        PositionEncoding positions = PositionEncodings.create(spec, model.parameters(), device, false);
        // An encoding for training keeps what each layer makes of the positions; one for evaluation reuses the memory.
        all = PositionEncodings.create(spec, model.parameters(), device, true);
        trunk = new Trunk(spec, positions, model.parameters(), device, keys, false);
        encoder = spec.isSeqPe()
                ? new EvaluationVectors(
                        spec, device, new PositionEncoder(spec, model.parameters(), device, keys, false))
                : null;
        cache = new KeyValueCache(spec, device);
        promptAttention = trunk.promptAttention(cache);
        nextAttention = trunk.nextAttention(all, cache);
        places = new IntBuffer(device);
        placeVectors = RowBuffer.ofActivations(device, spec.isSeqPe() ? spec.positionWidth() : 1);
    }

    /** The reason why this model cannot read so many rows; empty if it can. */
    public Optional<String> refusal(int rows) {
        return model.refusal(new Grid(rows));
    }

    /**
     * Forgets what was read, and makes room.
     *
     * @param samples B
     * @param capacity the most rows of a sample
     * @param contextLength the length that is being evaluated, at least the capacity (a learned table is stretched to
     *     it)
     * @throws IllegalArgumentException if the encoding has no positions for that length; see {@link #refusal}
     */
    public void begin(int samples, int capacity, int contextLength) {
        Optional<String> refusal = refusal(capacity);
        if (refusal.isPresent()) {
            throw new IllegalArgumentException("Cannot read samples: " + refusal.get());
        }
        cache.begin(samples, capacity);
        context = new Grid(Math.max(capacity, contextLength));
        Grid grid = new Grid(capacity);
        if (encoder != null) {
            vectors = encoder.first(grid, grid);
            all.begin(new Pass(grid.positions(), 1, 0, grid, context, vectors, null));
        }
    }

    /** Rows that have been read of each sample, [B]. */
    public int[] lengths() {
        return cache.lengths();
    }

    /**
     * Reads the beginnings of some samples, of which nothing has been read.
     *
     * @param first the first of them
     * @param lengths rows of each
     * @param rows T, at least the largest of them: rows after a sample's own are padding
     * @param input writes the rows, [lengths.length * T, C]
     * @return the hidden states after the last layer norm, [lengths.length * T, C], valid until the next call
     */
    public Tensor read(int first, int[] lengths, int rows, Consumer<Tensor> input) {
        Grid grid = new Grid(rows);
        input.accept(trunk.input(lengths.length, rows));
        promptAttention.begin(first, lengths, rows);
        Tensor hidden = trunk.forward(
                new Pass(grid.positions(), 1, 0, grid, context, vectors == null ? null : vectors.firstRows(rows), null),
                promptAttention);
        for (int i = 0; i < lengths.length; i++) {
            cache.grow(first + i, lengths[i]);
        }
        return hidden;
    }

    /**
     * Reads one more row of every sample.
     *
     * @param input writes the rows, [B, C]
     * @return the hidden states after the last layer norm, [B, C], valid until the next call
     */
    public Tensor next(Consumer<Tensor> input) {
        int[] now = cache.lengths();
        int samples = now.length;
        input.accept(trunk.input(samples, 1));
        Tensor ofPlaces = null;
        if (vectors != null) {
            ofPlaces = placeVectors.rows(samples);
            device.gather(places.upload(now, samples), vectors, ofPlaces, false);
        }
        nextAttention.begin();
        Tensor hidden = trunk.forward(new Pass(now, samples, 0, new Grid(1), context, ofPlaces, null), nextAttention);
        for (int i = 0; i < samples; i++) {
            cache.grow(i, 1);
        }
        return hidden;
    }
}

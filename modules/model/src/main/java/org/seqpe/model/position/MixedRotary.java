package org.seqpe.model.position;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.PositionConfig.MixedTable;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;

/**
 * Mixed RoPE with learned frequencies (Heo et al., arXiv 2403.13298): in each layer and head, a pair turns by column *
 * columnFrequency + row * rowFrequency. Rows without a position are not rotated.
 *
 * <p>The authors' program lays its table of angles out as heads by patches, and reads it as patches by heads
 * (golden/NOTES.md section 4). {@link MixedTable#REFERENCE} does the same.
 */
public final class MixedRotary extends PositionEncoding {
    public static final EncodingFactory FACTORY = new Factory();
    private static final String FREQUENCIES = "rope_freqs";
    /** Column and row: the two rows of the table of frequencies, in this order. */
    private static final int AXES = 2;

    private final Device device;
    private final int layers;
    private final int heads;
    private final int headWidth;
    private final boolean readsAsReference;
    /** [2, L, H * D/2]. */
    private final Weight frequencies;
    /** One angle for each pair of every head. */
    private final int pairs;

    private final RowBuffer[] sin;
    private final RowBuffer[] cos;
    private final RowBuffer angles;
    private final RowBuffer ordered;
    private final RowBuffer coordinates;
    private final IntBuffer order;
    private final RowBuffer turned;
    private final RowBuffer unused;
    private final RowBuffer zeros;
    private final RowBuffer products;
    /** A quarter turn: sine 1 and cosine 0. */
    private final Tensor quarterSin;

    private final Tensor quarterCos;
    /** Adds up the two elements of a pair. */
    private final Tensor pairSum;

    private int[] uploaded = new int[0];
    private int rows;
    private Pass pass;

    private MixedRotary(ModelSpec spec, Parameters parameters, Device device, boolean training) {
        this.device = device;
        layers = spec.config().layers();
        heads = spec.config().heads();
        headWidth = spec.config().headWidth();
        pairs = heads * headWidth / 2;
        readsAsReference = spec.position().mixedTable() == MixedTable.REFERENCE;
        frequencies = parameters.weight(FREQUENCIES);
        sin = new RowBuffer[layers];
        cos = new RowBuffer[layers];
        RowBuffer sharedSin = new RowBuffer(device, pairs);
        RowBuffer sharedCos = new RowBuffer(device, pairs);
        for (int i = 0; i < layers; i++) {
            sin[i] = training ? new RowBuffer(device, pairs) : sharedSin;
            cos[i] = training ? new RowBuffer(device, pairs) : sharedCos;
        }
        angles = new RowBuffer(device, pairs);
        ordered = new RowBuffer(device, pairs);
        coordinates = new RowBuffer(device, AXES);
        order = new IntBuffer(device);
        int width = heads * headWidth;
        turned = RowBuffer.ofActivations(device, width);
        unused = RowBuffer.ofActivations(device, width);
        zeros = RowBuffer.ofActivations(device, width);
        products = new RowBuffer(device, width);
        quarterSin = device.allocate(1, headWidth / 2);
        quarterCos = device.allocate(1, headWidth / 2);
        pairSum = device.allocate(2, 1);
        device.fill(quarterSin, 1);
        device.fill(pairSum, 1);
    }

    private static final class Factory implements EncodingFactory {
        @Override
        public PositionEncoding create(ModelSpec spec, Parameters parameters, Device device, boolean training) {
            return new MixedRotary(spec, parameters, device, training);
        }

        @Override
        public int fewestDimensions() {
            return AXES;
        }

        @Override
        public int mostDimensions() {
            return AXES;
        }

        @Override
        public void addParameters(ModelSpec spec, ParameterLayout.Builder layout) {
            int layers = spec.config().layers();
            int heads = spec.config().heads();
            int headWidth = spec.config().headWidth();
            layout.add(
                    FREQUENCIES,
                    Part.MODEL,
                    Decay.NEVER,
                    initial(layers, heads, headWidth, spec.position().base()),
                    AXES,
                    layers,
                    heads * headWidth / 2);
        }
    }

    /**
     * The published start: in each layer and head, the frequencies 1 / base^(4i/D) of the axial form in two directions
     * that are at right angles to each other; the first direction is random.
     */
    private static InitialValues initial(int layers, int heads, int headWidth, double base) {
        return random -> values(random, layers, heads, headWidth, base);
    }

    private static DoubleSupplier values(RandomStream random, int layers, int heads, int headWidth, double base) {
        double[] directions = new double[layers * heads];
        for (int i = 0; i < directions.length; i++) {
            directions[i] = 2 * Math.PI * random.nextDouble();
        }
        int quarter = headWidth / 4;
        int[] next = {0};
        return () -> {
            int element = next[0]++;
            int pair = element % (2 * quarter);
            int head = element / (2 * quarter) % directions.length;
            boolean ofColumns = element < directions.length * 2 * quarter;
            double magnitude = Math.pow(base, -4.0 * (pair % quarter) / headWidth);
            double angle = directions[head] + (pair < quarter ? 0 : Math.PI / 2);
            return magnitude * (ofColumns ? Math.cos(angle) : Math.sin(angle));
        };
    }

    @Override
    public void begin(Pass newPass) {
        pass = newPass;
        rows = pass.rows();
        int[] next = pass.coordinates();
        if (!Arrays.equals(uploaded, next)) {
            uploaded = next;
            float[] columnAndRow = new float[next.length];
            for (int i = 0; i < next.length; i += AXES) {
                columnAndRow[i] = next[i + 1];
                columnAndRow[i + 1] = next[i];
            }
            coordinates.rows(rows).upload(columnAndRow);
            device.fill(zeros.rows(rows), 0);
            if (readsAsReference) {
                uploadOrder();
            }
        }
    }

    /** Which of the published angles each row and head has in the reference. */
    private void uploadOrder() {
        int[] from = new int[rows * heads];
        int patches = pass.grid().size();
        for (int window = 0; window < pass.batch(); window++) {
            int first = window * pass.length();
            for (int place = 0; place < pass.length(); place++) {
                for (int head = 0; head < heads; head++) {
                    int flat = (place - pass.leading()) * heads + head;
                    from[(first + place) * heads + head] = place < pass.leading()
                            ? (first + place) * heads + head
                            : (first + pass.leading() + flat % patches) * heads + flat / patches;
                }
            }
        }
        order.upload(from, from.length);
    }

    /** The frequencies of a layer: rows of {@link #pairs} elements that lie {@code layers * pairs} apart. */
    private Tensor ofLayer(Tensor table, int layer) {
        return table.view((long) layer * pairs, (long) (layers + 1) * pairs);
    }

    private Tensor heads(Tensor ofRows) {
        return ofRows.reshape((long) rows * heads, headWidth / 2);
    }

    private void computeAngles(int layer) {
        Tensor published = angles.rows(rows);
        device.matmulBatched(
                1,
                rows,
                pairs,
                AXES,
                1,
                coordinates.rows(rows),
                AXES,
                0,
                false,
                ofLayer(frequencies.value(), layer),
                layers * pairs,
                0,
                false,
                0,
                published,
                pairs,
                0);
        Tensor used = published;
        if (readsAsReference) {
            used = ordered.rows(rows);
            device.gather(order.get(), heads(published), heads(used), false);
        }
        device.sinCos(used, sin[layer].rows(rows), cos[layer].rows(rows));
    }

    @Override
    public Heads query(int layer, Tensor qkv) {
        computeAngles(layer);
        return turn(layer, columns(qkv, 0), qkv, false);
    }

    @Override
    public Heads key(int layer, Tensor qkv) {
        return turn(layer, columns(qkv, 1), qkv, false);
    }

    private Heads turn(int layer, Heads x, Tensor qkv, boolean inverse) {
        device.rotary(
                x,
                Math.toIntExact(qkv.rows()),
                heads,
                headWidth,
                sin[layer].rows(rows),
                cos[layer].rows(rows),
                inverse,
                x);
        return x;
    }

    /** qkv holds the rotated queries and keys, and dQkv their gradients. */
    @Override
    public void attentionBackward(int layer, Tensor qkv, Tensor dQkv) {
        int count = Math.toIntExact(qkv.rows());
        Tensor sums = products.rows(rows);
        device.fill(sums, 0);
        Heads ofWidth = Heads.columns(turned.rows(count), 0, headWidth);
        for (int part = 0; part < 2; part++) {
            // A rotated pair moves at right angles to itself when its angle grows.
            device.rotary(columns(qkv, part), count, heads, headWidth, quarterSin, quarterCos, false, ofWidth);
            device.multiplyHeadsBackward(
                    columns(dQkv, part),
                    ofWidth,
                    count,
                    heads,
                    headWidth,
                    Heads.columns(zeros.rows(rows), 0, headWidth),
                    rows,
                    Heads.columns(unused.rows(count), 0, headWidth),
                    Heads.columns(sums, 0, headWidth));
        }
        addGradient(layer, sums);
        turn(layer, columns(dQkv, 0), dQkv, true);
        turn(layer, columns(dQkv, 1), dQkv, true);
    }

    /** @param sums [rows, H * D], whose pairs add up to the gradients of the angles */
    private void addGradient(int layer, Tensor sums) {
        Tensor dAngles = angles.rows(rows);
        device.matmul(
                sums.reshape((long) rows * pairs, 2),
                false,
                pairSum,
                false,
                1,
                0,
                dAngles.reshape((long) rows * pairs, 1));
        if (readsAsReference) {
            Tensor published = ordered.rows(rows);
            device.fill(published, 0);
            device.scatterAdd(order.get(), heads(dAngles), heads(published));
            dAngles = published;
        }
        device.matmulBatched(
                1,
                AXES,
                pairs,
                rows,
                1,
                coordinates.rows(rows),
                AXES,
                0,
                true,
                dAngles,
                pairs,
                0,
                false,
                1,
                ofLayer(frequencies.gradient(), layer),
                layers * pairs,
                0);
    }

    @Override
    public int headWidth() {
        return headWidth;
    }
}

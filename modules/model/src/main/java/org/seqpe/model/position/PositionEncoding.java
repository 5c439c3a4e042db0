package org.seqpe.model.position;

import java.util.Arrays;
import java.util.function.Function;
import org.seqpe.compute.Attention;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Grid;

/**
 * How positions reach the Transformer (method.md sections 3 and 6). A pass begins with {@link #begin}; the attention
 * layers then ask for their queries and keys. By default, methods add nothing and change nothing; an encoding overrides
 * those it needs.
 */
public abstract class PositionEncoding {
    /** Number of positions whose table rows are on the heap at once. */
    private static final int SLICE = 4096;

    /**
     * The positions of a pass.
     *
     * @param positions [batch * P * n]: the coordinates of every position of every window
     * @param batch Bp: sample b of the pass uses window b % Bp
     * @param leading rows of a sample in front of those with positions
     * @param grid the positions of a window, P of them
     * @param context the grid that the pass is meant for: the same, or a larger one where a last window is shorter than
     *     the others
     * @param vectors the position encoder's vectors of these positions [batch * P, width]; null for encodings that have
     *     no encoder @param dVectors receives their gradients by addition, or null
     */
    public record Pass(
            int[] positions, int batch, int leading, Grid grid, Grid context, Tensor vectors, Tensor dVectors) {

        /** T, the rows of a sample. */
        public int length() {
            return leading + grid.size();
        }

        /** Rows of all windows, Bp * T. */
        public int rows() {
            return batch * length();
        }

        /** The coordinates of all rows, [Bp * T * n]: rows without a position stand at 0. */
        public int[] coordinates() {
            int dimensions = grid.dimensions();
            int own = grid.size() * dimensions;
            int skipped = leading * dimensions;
            int[] coordinates = new int[batch * (skipped + own)];
            for (int window = 0; window < batch; window++) {
                System.arraycopy(positions, window * own, coordinates, window * (skipped + own) + skipped, own);
            }
            return coordinates;
        }

        /**
         * All rows numbered along one line, [Bp * T]: those without a position first, then the positions of the context
         * row by row.
         */
        public int[] numbers() {
            int dimensions = grid.dimensions();
            int columns = dimensions == 1 ? 1 : context.extent()[1];
            int[] numbers = new int[rows()];
            for (int row = 0; row < numbers.length; row++) {
                int window = row / length();
                int place = row % length();
                int at = (window * grid.size() + place - leading) * dimensions;
                numbers[row] = place < leading
                        ? place
                        : leading + (dimensions == 1 ? positions[at] : positions[at] * columns + positions[at + 1]);
            }
            return numbers;
        }
    }

    /** Prepares tables or projections for a pass. */
    public abstract void begin(Pass pass);

    /** Whether only the distances between positions reach the model, so that moving a whole sample changes nothing. */
    public boolean readsDistances() {
        return false;
    }

    /** Rows that are added to the samples' input, [Bp*T, C], or null. */
    public Tensor inputRows() {
        return null;
    }

    /** Receives the gradient of the embeddings' sum, [B*T, C]. */
    public void inputBackward(Tensor dInput) {}

    /** Adds to the attention computation: a bias or a position term. */
    public Attention attention(Attention plain) {
        return plain;
    }

    /** The queries of a layer, made from (and perhaps written into) qkv [B*T, 3C]. */
    public Heads query(int layer, Tensor qkv) {
        return columns(qkv, 0);
    }

    /** The keys of a layer; called after {@link #query}. */
    public Heads key(int layer, Tensor qkv) {
        return columns(qkv, 1);
    }

    /** The queries that the forward pass gave to attention, for use in the backward pass. */
    public Heads keptQuery(int layer, Tensor qkv) {
        return columns(qkv, 0);
    }

    /** The keys that the forward pass gave to attention. */
    public Heads keptKey(int layer, Tensor qkv) {
        return columns(qkv, 1);
    }

    /** The vectors of the position term's query side, or null. */
    public Heads positionQuery(int layer) {
        return null;
    }

    /** The vectors of the position term's key side, or null. */
    public Heads positionKey(int layer) {
        return null;
    }

    /** Where attention adds the gradient of {@link #positionQuery}. */
    public Heads dPositionQuery(int layer) {
        return null;
    }

    /** Where attention adds the gradient of {@link #positionKey}. */
    public Heads dPositionKey(int layer) {
        return null;
    }

    /**
     * Turns the gradients of {@link #query} and {@link #key}, which lie in dQkv [B*T, 3C], into those of the
     * projections, in place.
     */
    public void attentionBackward(int layer, Tensor qkv, Tensor dQkv) {}

    /** Ends the backward pass: gradients of what the layers share are passed on to the position vectors. */
    public void endBackward() {}

    /** Elements of a head vector of the main model. */
    public abstract int headWidth();

    /**
     * Fills a tensor slice by slice, so that the heap never holds a table that grows with the length.
     *
     * @param rows [P, width], written
     * @param table computes the vectors of some positions, [positions, width]
     */
    protected static void uploadTable(int[] positions, int width, Tensor rows, Function<int[], float[]> table) {
        for (int first = 0; first < positions.length; first += SLICE) {
            float[] values =
                    table.apply(Arrays.copyOfRange(positions, first, Math.min(positions.length, first + SLICE)));
            rows.upload((long) first * width, values, 0, values.length);
        }
    }

    /** The head vectors of query (0), key (1) or value (2) inside [N, 3C]. */
    public final Heads columns(Tensor qkv, int part) {
        return Heads.columns(qkv, part * Math.toIntExact(qkv.columns() / 3), headWidth());
    }
}

package org.seqpe.model.seqpe;

import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.seqpe.ContrastiveBatch.Kind;

/**
 * Draws pivots and, for each, candidates of which the nearest is the label (method.md section 4, "Contrastive";
 * golden/NOTES.md section 5).
 *
 * <p>Pivots walk through all positions in a shuffled order. A pivot's list begins with special candidates, if its kind
 * has any. These are either positions with similar digits (hard), or positions from one window that is unrelated to the
 * pivot: consecutive ones in 1-D, a square in 2-D. N+1 distinct uniform positions follow; the pivot and duplicates are
 * removed, and the first N are kept. As in the reference, squared distances are float32, and the first of several
 * nearest candidates is the label. The draws of a step depend only on (seed, replica, step). Not thread-safe.
 */
public final class ContrastiveSampler {
    private static final long WALK = "contrastive pivot".hashCode();
    private static final long CANDIDATES = "contrastive candidate".hashCode();

    private final PositionDigits layout;
    /** Number of positions: the limit, or its square in 2-D. */
    private final int positions;

    private final int pivots;
    private final int count;
    private final int hardTries;
    private final double uniformShare;
    private final double hardOrUniformShare;
    private final int windowSide;
    private final int windowStarts;

    private final ShuffledWalk walk;
    private final long key;
    private final RandomStream random = new RandomStream(0);
    private final HardNegatives hardNegatives;
    private final DistinctSet distinct;
    private final int[] drawn;
    private final int[] uniform;
    private final int[] special;

    /**
     * Candidates beyond the layout's limit are left out; see {@link #ContrastiveSampler(PositionDigits,
     * ObjectiveConfig.Contrastive, ReferenceVariant, boolean, long, int)}.
     */
    public ContrastiveSampler(
            PositionDigits layout,
            ObjectiveConfig.Contrastive contrastive,
            ReferenceVariant variant,
            long seed,
            int replica) {
        this(layout, contrastive, variant, false, seed, replica);
    }

    /**
     * @param layout which positions exist; one or two dimensions
     * @param beyondLimit whether to keep 2-D hard negatives whose coordinates reach the limit, as the reference does
     *     where the limit is not a power of ten
     * @throws IllegalArgumentException if there are too few positions for the candidates
     */
    ContrastiveSampler(
            PositionDigits layout,
            ObjectiveConfig.Contrastive contrastive,
            ReferenceVariant variant,
            boolean beyondLimit,
            long seed,
            int replica) {
        this.layout = layout;
        this.pivots = contrastive.pivots();
        this.count = contrastive.candidates();
        this.hardTries = (int) (count * contrastive.hardRatio());
        this.uniformShare = contrastive.uniformShare();
        this.hardOrUniformShare = uniformShare + contrastive.hardShare();
        int dimensions = layout.dimensions();
        long all = dimensions == 1 ? layout.limit() : (long) layout.limit() * layout.limit();
        if (dimensions > 2 || count < 1 || all > Integer.MAX_VALUE || all < count + 1) {
            throw new IllegalArgumentException(
                    "Cannot draw contrastive candidates: expected one or two dimensions, at least 1 candidate, and more positions than candidates"
                            + " (up to 2^31 - 1), found " + dimensions + " dimensions, " + count + " candidates and "
                            + all + " positions");
        }
        this.positions = (int) all;
        int limit = layout.limit();
        int range = dimensions == 1 ? contrastive.range() : (int) Math.sqrt(contrastive.range());
        int least = (int) (dimensions == 1 ? contrastive.leastWindow() : Math.sqrt(contrastive.leastWindow()));
        this.windowSide = Math.min(limit, Math.max(range, least));
        // The last start is never drawn: the reference truncates starts * U with U below 1.
        int cut = dimensions == 1 ? (variant == ReferenceVariant.TEXT ? range : 0) : windowSide;
        this.windowStarts = Math.max(1, limit - cut);

        this.walk = new ShuffledWalk(RandomStream.derive(seed, WALK, replica), positions);
        this.key = RandomStream.derive(seed, CANDIDATES, replica);
        this.hardNegatives = new HardNegatives(layout, beyondLimit);
        this.distinct = new DistinctSet(2 * count + 2);
        this.drawn = new int[count + 1];
        this.uniform = new int[(count + 1) * dimensions];
        this.special = new int[Math.max(count, hardTries) * dimensions];
    }

    /** Draws the pivots and candidates of a step; steps count from 0. */
    public void draw(long step, ContrastiveBatch out) {
        random.restart(RandomStream.derive(key, step));
        for (int i = 0; i < pivots; i++) {
            drawPivot(step * pivots + i, i, out);
        }
    }

    private void drawPivot(long place, int i, ContrastiveBatch out) {
        int dimensions = layout.dimensions();
        int pivot = i * dimensions;
        coordinates((int) walk.at(place), layout.limit(), out.pivots(), pivot);
        distinct.draw(random, positions, count + 1, drawn, 0);
        for (int j = 0; j <= count; j++) {
            coordinates(drawn[j], layout.limit(), uniform, j * dimensions);
        }
        Kind kind = kind();
        int specials =
                switch (kind) {
                    case UNIFORM -> 0;
                    case HARD -> hardNegatives.draw(
                            random, out.pivots(), pivot, hardTries, nearestUniform(out.pivots(), pivot), special);
                    case WINDOW -> drawWindow();
                };
        out.kinds[i] = kind;
        out.special[i] = specials;
        merge(out, i, specials);
        out.labels()[i] = nearest(out.pivots(), pivot, out.candidates(), i * count, count);
    }

    private Kind kind() {
        double drawnShare = random.nextDouble();
        if (drawnShare < uniformShare) {
            return Kind.UNIFORM;
        }
        return drawnShare < hardOrUniformShare ? Kind.HARD : Kind.WINDOW;
    }

    /**
     * The threshold of hard negatives: the smallest distance to the uniform candidates that will surely be in the list.
     */
    private float nearestUniform(int[] pivotCoordinates, int pivot) {
        int kept = count + 1 - hardTries;
        return distance(pivotCoordinates, pivot, uniform, nearest(pivotCoordinates, pivot, uniform, 0, kept));
    }

    /** Fills {@link #special} from a window and returns the number of positions. */
    private int drawWindow() {
        int dimensions = layout.dimensions();
        int row = random.nextInt(windowStarts);
        int column = dimensions == 1 ? 0 : random.nextInt(windowStarts);
        int length = Math.min(windowSide, layout.limit() - row);
        int cells = dimensions == 1 ? length : length * windowSide;
        int specials = Math.min(cells, count);
        if (cells > count) {
            distinct.draw(random, cells, count, drawn, 0);
        } else {
            for (int j = 0; j < cells; j++) {
                drawn[j] = j;
            }
        }
        for (int j = 0; j < specials; j++) {
            coordinates(drawn[j], windowSide, special, j * dimensions);
            special[j * dimensions] += row;
            if (dimensions == 2) {
                special[2 * j + 1] += column;
            }
        }
        return specials;
    }

    /** Writes the special candidates, then the uniform ones, without the pivot and duplicates. */
    private void merge(ContrastiveBatch out, int i, int specials) {
        int dimensions = layout.dimensions();
        distinct.clear();
        distinct.add(identity(out.pivots(), i * dimensions));
        int kept = 0;
        for (int j = 0; j < specials + count + 1 && kept < count; j++) {
            int[] source = j < specials ? special : uniform;
            int from = (j < specials ? j : j - specials) * dimensions;
            if (distinct.add(identity(source, from))) {
                System.arraycopy(source, from, out.candidates(), (i * count + kept) * dimensions, dimensions);
                kept++;
            }
        }
    }

    private long identity(int[] coordinates, int at) {
        return layout.dimensions() == 1
                ? coordinates[at]
                : (long) coordinates[at] << Integer.SIZE | coordinates[at + 1];
    }

    /** Finds the position of the list that is nearest to the pivot; returns its place counted from {@code first}. */
    private int nearest(int[] pivotCoordinates, int pivot, int[] list, int first, int size) {
        int best = 0;
        float bestDistance = Float.POSITIVE_INFINITY;
        for (int j = 0; j < size; j++) {
            float distance = distance(pivotCoordinates, pivot, list, first + j);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = j;
            }
        }
        return best;
    }

    private float distance(int[] pivotCoordinates, int pivot, int[] list, int place) {
        int dimensions = layout.dimensions();
        float sum = 0;
        for (int axis = 0; axis < dimensions; axis++) {
            float difference = (float) list[place * dimensions + axis] - (float) pivotCoordinates[pivot + axis];
            sum += difference * difference;
        }
        return sum;
    }

    /** Writes a position counted row by row in rows of {@code width} cells; a 1-D position is its own number. */
    private void coordinates(int number, int width, int[] out, int at) {
        if (layout.dimensions() == 1) {
            out[at] = number;
        } else {
            out[at] = number / width;
            out[at + 1] = number % width;
        }
    }
}

package org.seqpe.model.seqpe;

import static org.seqpe.model.seqpe.PositionDigits.BASE;

import org.seqpe.core.random.RandomStream;

/**
 * Positions whose digits resemble a pivot's but which lie elsewhere: {@link DigitEdits} of its decimal string. In 2-D
 * the strings of row and column are joined without padding, edited as one number below limit * limit, and cut in two
 * again at a random place.
 *
 * <p>The two parts can reach the limit where it is not a power of ten. The reference keeps such positions although no
 * window contains them; here they are left out unless requested. Not thread-safe.
 */
final class HardNegatives {
    private final PositionDigits layout;
    private final boolean beyondLimit;
    private final DigitEdits edits;

    HardNegatives(PositionDigits layout, boolean beyondLimit) {
        this.layout = layout;
        this.beyondLimit = beyondLimit;
        this.edits = new DigitEdits(
                layout.digits(), layout.dimensions() == 1 ? layout.limit() : (long) layout.limit() * layout.limit());
    }

    /**
     * Draws candidates and keeps those that are far enough from the pivot.
     *
     * @param pivot n coordinates from {@code from}
     * @param tries how many are drawn @param threshold kept candidates have a larger squared distance to the pivot
     * @param out [tries, n], filled from the beginning
     * @return number of kept candidates
     */
    int draw(RandomStream random, int[] pivot, int from, int tries, double threshold, int[] out) {
        int dimensions = layout.dimensions();
        long number = dimensions == 1 ? pivot[from] : join(pivot[from], pivot[from + 1]);
        int kept = 0;
        for (int i = 0; i < tries; i++) {
            long drawn = edits.edit(number, random);
            int at = kept * dimensions;
            if (dimensions == 1) {
                out[at] = (int) drawn;
            } else {
                split(drawn, random, out, at);
            }
            double distance = 0;
            boolean within = true;
            for (int axis = 0; axis < dimensions; axis++) {
                double difference = (double) out[at + axis] - pivot[from + axis];
                distance += difference * difference;
                within &= out[at + axis] < layout.limit();
            }
            if (distance > threshold && (within || beyondLimit)) {
                kept++;
            }
        }
        return kept;
    }

    private static long join(int row, int column) {
        return row * power(DigitEdits.digits(column)) + column;
    }

    /**
     * Cuts a number at a random place such that each part has 1 to G digits; a single digit becomes the row or the
     * column, and the other is 0.
     */
    private void split(long number, RandomStream random, int[] out, int at) {
        int digits = DigitEdits.digits(number);
        if (digits == 1) {
            boolean asRow = random.nextDouble() < 0.5;
            out[at] = asRow ? (int) number : 0;
            out[at + 1] = asRow ? 0 : (int) number;
            return;
        }
        int fewest = Math.max(1, digits - layout.digits());
        int most = Math.min(layout.digits(), digits - 1);
        long divisor = power(digits - fewest - random.nextInt(most - fewest + 1));
        out[at] = (int) (number / divisor);
        out[at + 1] = (int) (number % divisor);
    }

    private static long power(int digits) {
        long power = 1;
        for (int i = 0; i < digits; i++) {
            power *= BASE;
        }
        return power;
    }
}

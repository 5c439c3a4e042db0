package org.seqpe.model.seqpe;

import static org.seqpe.model.seqpe.PositionDigits.BASE;

import java.util.Arrays;
import org.seqpe.core.random.RandomStream;

/**
 * Draws numbers whose decimal strings resemble a given number's, by one to three random edits: each inserts, swaps,
 * replaces or deletes digits (method.md section 4, golden/NOTES.md section 5). Another edit is tried if one is
 * impossible, restores the original string, or reaches the limit without being a deletion. Allocates nothing after
 * construction; not thread-safe.
 */
final class DigitEdits {
    /** After this many tries a number is returned unchanged: with a very small limit, no other number may exist. */
    private static final int MOST_TRIES = 1000;

    private static final int MOST_SWAPS = 11;
    private static final int MOST_EDITS = 3;
    private static final int KINDS = 4;
    /** Digits of the largest long, plus one more during an edit. */
    private static final int CAPACITY = 20;

    private final int mostDigits;
    private final long limit;
    private final byte[] original = new byte[CAPACITY];
    private int originalLength;
    private byte[] current = new byte[CAPACITY];
    private int length;
    private byte[] edited = new byte[CAPACITY];
    private int editedLength;

    /**
     * @param mostDigits strings of this length do not grow
     * @param limit insertions, swaps and replacements stay below this
     */
    DigitEdits(int mostDigits, long limit) {
        this.mostDigits = mostDigits;
        this.limit = limit;
    }

    /** An edited copy of a number; the number itself if no edit was possible. */
    long edit(long number, RandomStream random) {
        originalLength = write(number, original);
        System.arraycopy(original, 0, current, 0, originalLength);
        length = originalLength;
        int wanted = 1 + random.nextInt(MOST_EDITS);
        for (int tries = 0; wanted > 0; tries++) {
            if (tries == MOST_TRIES) {
                return number;
            }
            if (tryEdit(random.nextInt(KINDS), random) && !restoresOriginal()) {
                byte[] swapped = current;
                current = edited;
                edited = swapped;
                length = editedLength;
                wanted--;
            }
        }
        return read(current, length);
    }

    /** Writes the edited string; false if an edit of that kind is impossible or reaches the limit. */
    private boolean tryEdit(int kind, RandomStream random) {
        return switch (kind) {
            case 0 -> insert(random) && belowLimit();
            case 1 -> swap(random) && belowLimit();
            case 2 -> replace(random) && belowLimit();
                // A number that was already beyond the limit may stay there.
            default -> delete(random);
        };
    }

    private boolean insert(RandomStream random) {
        if (length == mostDigits) {
            return false;
        }
        int place = random.nextInt(length + 1);
        System.arraycopy(current, 0, edited, 0, place);
        edited[place] = (byte) (place == 0 ? 1 + random.nextInt(BASE - 1) : random.nextInt(BASE));
        System.arraycopy(current, place, edited, place + 1, length - place);
        editedLength = length + 1;
        return true;
    }

    private boolean swap(RandomStream random) {
        if (length == 1 || length == 2 && (current[1] == 0 || current[0] == current[1])) {
            return false;
        }
        copyCurrent();
        for (int tries = 0; tries < MOST_SWAPS; tries++) {
            int one = random.nextInt(length);
            int other = random.nextInt(length - 1);
            other += other >= one ? 1 : 0;
            boolean leadingZero = Math.min(one, other) == 0 && current[Math.max(one, other)] == 0;
            if (!leadingZero && current[one] != current[other]) {
                edited[one] = current[other];
                edited[other] = current[one];
                return true;
            }
        }
        return false;
    }

    private boolean replace(RandomStream random) {
        copyCurrent();
        int place;
        int digit;
        do {
            place = random.nextInt(length);
            digit = random.nextInt(BASE);
        } while (place == 0 && digit == 0 || digit == current[place]);
        edited[place] = (byte) digit;
        return true;
    }

    private boolean delete(RandomStream random) {
        if (length == 1) {
            return false;
        }
        int place = random.nextInt(length);
        if (place == 0 && current[1] == 0) {
            place = 1 + random.nextInt(length - 1);
        }
        System.arraycopy(current, 0, edited, 0, place);
        System.arraycopy(current, place + 1, edited, place, length - place - 1);
        editedLength = length - 1;
        return true;
    }

    private void copyCurrent() {
        System.arraycopy(current, 0, edited, 0, length);
        editedLength = length;
    }

    private boolean belowLimit() {
        return read(edited, editedLength) < limit;
    }

    private boolean restoresOriginal() {
        return Arrays.equals(edited, 0, editedLength, original, 0, originalLength);
    }

    private static int write(long number, byte[] out) {
        int digits = digits(number);
        long rest = number;
        for (int i = digits - 1; i >= 0; i--) {
            out[i] = (byte) (rest % BASE);
            rest /= BASE;
        }
        return digits;
    }

    private static long read(byte[] digits, int length) {
        long number = 0;
        for (int i = 0; i < length; i++) {
            number = BASE * number + digits[i];
        }
        return number;
    }

    /** Number of digits of a number; 1 for 0. */
    static int digits(long number) {
        int digits = 1;
        for (long rest = number / BASE; rest > 0; rest /= BASE) {
            digits++;
        }
        return digits;
    }
}

package org.seqpe.compute;

/**
 * A device array of 32-bit integers: token ids, labels, row numbers. Its capacity is fixed, its length changes with
 * every upload.
 */
public interface Ints {
    /** The most values it can hold. */
    int capacity();

    /** How many values the last upload left in it. */
    int length();

    /** Replaces the contents by {@code count} values of {@code source} from {@code from}. */
    void upload(int[] source, int from, int count);

    /** A view of {@code count} values from {@code offset}; it sees later uploads. */
    Ints view(int offset, int count);

    /** Replaces the contents by the whole array. */
    default void upload(int... source) {
        upload(source, 0, source.length);
    }
}

package org.seqpe.compute;

/**
 * A device array of 32-bit integers: token ids, labels, row numbers. Its capacity is fixed, its length changes with
 * every upload.
 *
 * <p>Values go to the device only. A kernel that was asked for before an upload reads the old values, one that is asked
 * for afterwards the new ones; the source may change as soon as {@link #upload} returns. The host remembers the
 * smallest and the largest value of an upload, so that {@link KernelChecks} refuses numbers out of range before a
 * kernel runs, whatever the device.
 */
public abstract class Ints {
    private final Ints parent;
    private int smallest;
    private int largest;

    /** A new array. */
    protected Ints() {
        this(null);
    }

    /** @param parent the array that this one is a view of; null for none */
    protected Ints(Ints parent) {
        this.parent = parent;
    }

    /** The most values it can hold. */
    public abstract int capacity();

    /** How many values the last upload left in it. */
    public abstract int length();

    /**
     * Value i of the last upload, from the host's copy: it waits for nothing.
     *
     * @throws IndexOutOfBoundsException unless i is in [0, capacity)
     */
    public abstract int get(int i);

    /** A view of {@code count} values from {@code offset}; it sees later uploads. */
    public abstract Ints view(int offset, int count);

    /** Copies {@code count} values of {@code source} from {@code from} and makes them the contents. */
    protected abstract void store(int[] source, int from, int count);

    /**
     * Replaces the contents by {@code count} values of {@code source} from {@code from}.
     *
     * @throws IllegalArgumentException if they are more than the capacity
     */
    public final void upload(int[] source, int from, int count) {
        if (count < 0 || count > capacity()) {
            throw new IllegalArgumentException(
                    "Cannot upload integers: expected at most " + capacity() + ", found " + count);
        }
        store(source, from, count);
        int least = count == 0 ? 0 : Integer.MAX_VALUE;
        int most = count == 0 ? 0 : Integer.MIN_VALUE;
        for (int i = from; i < from + count; i++) {
            least = Math.min(least, source[i]);
            most = Math.max(most, source[i]);
        }
        smallest = least;
        largest = most;
        for (Ints outer = parent; outer != null; outer = outer.parent) {
            outer.smallest = Math.min(outer.smallest, least);
            outer.largest = Math.max(outer.largest, most);
        }
    }

    /** Replaces the contents by the whole array. */
    public final void upload(int... source) {
        upload(source, 0, source.length);
    }

    /** No value is smaller. A view has its array's bound. */
    public final int smallest() {
        return parent == null ? smallest : Math.min(smallest, parent.smallest());
    }

    /** No value is larger. A view has its array's bound. */
    public final int largest() {
        return parent == null ? largest : Math.max(largest, parent.largest());
    }

    /** The values as a new array of {@link #length()}. */
    public final int[] toArray() {
        int[] values = new int[length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = get(i);
        }
        return values;
    }
}

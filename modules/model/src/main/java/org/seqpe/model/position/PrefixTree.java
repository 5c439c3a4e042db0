package org.seqpe.model.position;

import java.util.Arrays;

/**
 * Which elements the position encoder computes for a list of positions, and which of them each one attends to
 * ({@link org.seqpe.compute.Device#listAttention}). An element is a digit of a position, or the CLS vector after the digits.
 *
 * <p>With shared prefixes the digits form a tree: under causal attention an element depends on nothing but the digits before it, so positions
 * that begin with the same digits have those elements in common, and equal positions have one CLS element (method.md section 2). Without,
 * every position of the list has elements of its own.
 *
 * <p>Elements are numbered in the order in which the list first needs them, all digits before all CLS elements. With masked padding the
 * padded digits are left out: they are nobody's key and only the last element of a position is read.
 *
 * <p>{@link #build} may be called again and again; its arrays are kept and grow when they must. Arrays returned by the accessors
 * may be longer than what they hold and are valid until the next build. Not thread-safe.
 */
public final class PrefixTree {
    /** The digit of CLS elements. */
    public static final int CLS = -1;
    private static final int BASE = 10;
    private static final int NONE = -1;

    private final PositionDigits layout;
    private final boolean causal;
    private final boolean maskPadding;
    private final boolean cls;
    private final boolean sharePrefixes;
    private final int keySlots;

    private int capacity;
    private int elements;
    private int digitElements;
    private int[] digit = new int[0];
    private int[] slot = new int[0];
    private int[] dimension = new int[0];
    private int[] keys = new int[0];
    private int[] outputs = new int[0];
    /** [P, n*G] */
    private int[] symbols = new int[0];
    /** children[(e + 1) * 10 + d]: the element with digit d after element e, or NONE; e = -1 stands before the first slot. */
    private int[] children = new int[BASE];

    /**
     * @param layout        how positions are written
     * @param causal        whether an element sees only those before it
     * @param maskPadding   whether padding zeros are hidden from the other elements
     * @param cls           whether the vector is read from an element after the digits, which sees all of them; otherwise from the last digit
     * @param sharePrefixes whether elements that must be equal are computed once; has an effect only with causal and without maskPadding,
     *                      because only then equal prefixes make equal elements
     */
    public PrefixTree(PositionDigits layout, boolean causal, boolean maskPadding, boolean cls, boolean sharePrefixes) {
        this.layout = layout;
        this.causal = causal;
        this.maskPadding = maskPadding;
        this.cls = cls;
        this.sharePrefixes = sharePrefixes && causal && !maskPadding;
        this.keySlots = layout.slots() + (cls ? 1 : 0);
    }

    /**
     * Plans the elements of a list of positions.
     *
     * @param positions count*n coordinates from index {@code from}; duplicates are allowed
     * @throws IllegalArgumentException if a coordinate is out of the layout's range
     */
    public void build(int[] positions, int from, int count) {
        if (outputs.length < count) {
            outputs = new int[count];
            symbols = new int[count * layout.slots()];
        }
        layout.write(positions, from, count, symbols);
        elements = 0;
        if (sharePrefixes) {
            buildTree(count);
        } else {
            buildChains(positions, from, count);
        }
    }

    /** E, digit and CLS elements together. */
    public int elements() {
        return elements;
    }

    /** The elements before the first CLS element. */
    public int digitElements() {
        return digitElements;
    }

    /** CLS elements are the last ones; there are none where the encoder has no CLS vector. */
    public int clsElements() {
        return elements - digitElements;
    }

    /** S, the width of {@link #keys}: n*G, and one more with CLS. */
    public int keySlots() {
        return keySlots;
    }

    /** No list of count positions needs more elements than this. */
    public int mostElements(int count) {
        return Math.multiplyExact(count, keySlots);
    }

    /** [E] the digit 0 to 9 of each element, {@link #CLS} for CLS elements. */
    public int[] digit() {
        return digit;
    }

    /** [E] the place of each element in its position, 0 to n*G-1; n*G for CLS elements. */
    public int[] slot() {
        return slot;
    }

    /** [E] the coordinate each element belongs to, 0 to n-1; n for CLS elements. */
    public int[] dimension() {
        return dimension;
    }

    /** [E, S] the elements that each element attends to, filled up with -1. */
    public int[] keys() {
        return keys;
    }

    /** [P] the element whose output is the vector of each position of the list. */
    public int[] outputs() {
        return outputs;
    }

    private void buildTree(int count) {
        Arrays.fill(children, 0, BASE, NONE);
        for (int position = 0; position < count; position++) {
            int last = NONE;
            for (int place = 0; place < layout.slots(); place++) {
                last = child(last, symbols[position * layout.slots() + place], place);
            }
            outputs[position] = last;
        }
        digitElements = elements;
        if (cls) {
            for (int position = 0; position < count; position++) {
                outputs[position] = child(outputs[position], CLS, layout.slots());
            }
        }
    }

    /** The element with a symbol that follows another element, made when the list has not needed it before. */
    private int child(int before, int symbol, int place) {
        // A last digit is followed by nothing but CLS, which takes the place of its digit 0.
        int link = (before + 1) * BASE + Math.max(symbol, 0);
        int found = children[link];
        if (found != NONE) {
            return found;
        }
        int made = add(symbol, place);
        children[link] = made;
        Arrays.fill(children, (made + 1) * BASE, (made + 2) * BASE, NONE);
        if (before != NONE) {
            System.arraycopy(keys, before * keySlots, keys, made * keySlots, place);
        }
        endKeys(made, place, made);
        return made;
    }

    private void buildChains(int[] positions, int from, int count) {
        int coordinate = from;
        for (int position = 0; position < count; position++) {
            for (int place = 0; place < layout.slots(); place += layout.digits()) {
                int padding = maskPadding ? layout.padding(positions[coordinate]) : 0;
                coordinate++;
                for (int i = padding; i < layout.digits(); i++) {
                    add(symbols[position * layout.slots() + place + i], place + i);
                }
            }
            outputs[position] = elements - 1;
        }
        digitElements = elements;
        int first = 0;
        for (int position = 0; position < count; position++) {
            int last = outputs[position];
            if (cls) {
                outputs[position] = add(CLS, layout.slots());
            }
            for (int element = first; element <= last; element++) {
                chainKeys(element, first, causal ? element : last, causal ? NONE : outputs[position]);
            }
            if (cls) {
                chainKeys(outputs[position], first, last, outputs[position]);
            }
            first = last + 1;
        }
    }

    /** Lets an element see the digits from first to last, and the CLS element unless that is NONE or already among them. */
    private void chainKeys(int element, int first, int last, int clsElement) {
        int seen = last - first + 1;
        for (int i = 0; i < seen; i++) {
            keys[element * keySlots + i] = first + i;
        }
        endKeys(element, seen, clsElement > last ? clsElement : NONE);
    }

    /** Puts the last key of an element at a place of its list and ends the list there. */
    private void endKeys(int element, int place, int key) {
        int end = element * keySlots + place;
        if (key != NONE) {
            keys[end++] = key;
        }
        Arrays.fill(keys, end, (element + 1) * keySlots, NONE);
    }

    private int add(int symbol, int place) {
        if (elements == capacity) {
            grow(Math.max(64, capacity * 2));
        }
        digit[elements] = symbol;
        slot[elements] = place;
        dimension[elements] = place / layout.digits();
        return elements++;
    }

    private void grow(int newCapacity) {
        capacity = newCapacity;
        digit = Arrays.copyOf(digit, capacity);
        slot = Arrays.copyOf(slot, capacity);
        dimension = Arrays.copyOf(dimension, capacity);
        keys = Arrays.copyOf(keys, Math.multiplyExact(capacity, keySlots));
        if (sharePrefixes) {
            children = Arrays.copyOf(children, Math.multiplyExact(capacity + 1, BASE));
        }
    }
}

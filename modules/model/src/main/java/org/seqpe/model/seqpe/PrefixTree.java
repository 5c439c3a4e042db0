package org.seqpe.model.seqpe;

import static org.seqpe.model.seqpe.PositionDigits.BASE;

import java.util.Arrays;

/**
 * Plans which elements the position encoder computes for a list of positions, and which elements each one attends to
 * ({@link org.seqpe.compute.Device#listAttention}). An element is a digit of a position, or the CLS vector after the
 * digits.
 *
 * <p>With shared prefixes the digits form a tree: under causal attention an element depends only on its own and earlier
 * digits, so positions that begin with the same digits share those elements, and equal positions share their last
 * element (method.md section 2). Without shared prefixes, every position of the list has its own elements.
 *
 * <p>The element whose output is a position's vector is its tip: the CLS element, or the last digit where there is
 * none. Tips have the highest numbers, so that work for the tips alone can use the last rows. Other elements are
 * numbered in the order in which the list first needs them. With masked padding the padding digits are left out: they
 * are neither keys nor tips.
 *
 * <p>An element reads one of few inputs: a digit at a place, or CLS. So the first layer's projections need not be
 * computed for every element.
 *
 * <p>{@link #build} may be called repeatedly; its arrays are reused and grow when necessary. Arrays returned by the
 * accessors may be longer than their contents and are valid until the next build. Not thread-safe.
 */
public final class PrefixTree {
    private static final int NONE = -1;

    private final PositionDigits layout;
    private final boolean causal;
    private final boolean maskPadding;
    private final boolean cls;
    private final boolean sharePrefixes;
    private final int keySlots;

    private int capacity;
    private int elements;
    private int firstTip;
    private int[] inputs = new int[0];
    private int[] keys = new int[0];
    private int[] inputKeys = new int[0];
    private int[] outputs = new int[0];
    /** [P, n*G] */
    private int[] symbols = new int[0];
    /**
     * children[(e + 1) * 10 + d]: the element with digit d after element e, or NONE; e = -1 is the start, before the
     * first slot.
     */
    private int[] children = new int[BASE];

    /**
     * @param layout how positions are written
     * @param causal whether an element sees only earlier elements and itself
     * @param maskPadding whether padding zeros are hidden from the other elements
     * @param cls whether the vector is read from an extra element after the digits that sees all of them; otherwise it
     *     is read from the last digit
     * @param sharePrefixes whether elements that must be equal are computed once. It has an effect only with causal and
     *     without maskPadding, because only then do equal prefixes give equal elements
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
            symbols = new int[Math.multiplyExact(count, layout.slots())];
        }
        layout.write(positions, from, count, symbols);
        elements = 0;
        if (sharePrefixes) {
            buildTree(count);
        } else {
            buildChains(positions, from, count);
        }
        for (int i = 0; i < elements * keySlots; i++) {
            inputKeys[i] = keys[i] == NONE ? NONE : inputs[keys[i]];
        }
    }

    /** E, the number of elements. */
    public int elements() {
        return elements;
    }

    /** Number of elements before the first tip. */
    public int firstTip() {
        return firstTip;
    }

    /** Number of tips, which are the last elements. */
    public int tips() {
        return elements - firstTip;
    }

    /** S, the width of {@link #keys}: n*G, plus one with CLS. */
    public int keySlots() {
        return keySlots;
    }

    /** Upper bound on the number of elements for a list of count positions. */
    public int mostElements(int count) {
        return Math.multiplyExact(count, keySlots);
    }

    /** Number of different inputs: ten digits at n*G places, plus one with CLS. */
    public int inputCount() {
        return BASE * layout.slots() + (cls ? 1 : 0);
    }

    /**
     * [E] the input that each element reads: digit d at place i of its position is input 10 i + d, CLS is input 10 n G.
     */
    public int[] inputs() {
        return inputs;
    }

    /** [E, S] the elements that each element attends to, filled up with -1. */
    public int[] keys() {
        return keys;
    }

    /** [E, S] the inputs of the elements that each element attends to, filled up with -1. */
    public int[] inputKeys() {
        return inputKeys;
    }

    /** [P] the tip whose output is the vector of each position of the list, counted from the first tip. */
    public int[] outputs() {
        return outputs;
    }

    /** Number of digits of a position before its tip. */
    private int stem() {
        return keySlots - 1;
    }

    /** The input that the tip of a position reads. */
    private int tipInput(int position) {
        return BASE * stem() + (cls ? 0 : symbols[position * layout.slots() + stem()]);
    }

    private void buildTree(int count) {
        Arrays.fill(children, 0, BASE, NONE);
        for (int position = 0; position < count; position++) {
            int last = NONE;
            for (int place = 0; place < stem(); place++) {
                last = child(last, BASE * place + symbols[position * layout.slots() + place], place);
            }
            outputs[position] = last;
        }
        firstTip = elements;
        for (int position = 0; position < count; position++) {
            outputs[position] = child(outputs[position], tipInput(position), stem()) - firstTip;
        }
    }

    /** The element that follows another element with the given input; created if it does not exist yet. */
    private int child(int before, int input, int place) {
        int link = (before + 1) * BASE + input - BASE * place;
        int found = children[link];
        if (found != NONE) {
            return found;
        }
        int made = add(input);
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
                for (int i = place + padding; i < Math.min(place + layout.digits(), stem()); i++) {
                    add(BASE * i + symbols[position * layout.slots() + i]);
                }
            }
            outputs[position] = elements;
        }
        firstTip = elements;
        int first = 0;
        for (int position = 0; position < count; position++) {
            int end = outputs[position];
            int tip = add(tipInput(position));
            for (int element = first; element < end; element++) {
                chainKeys(element, first, causal ? element + 1 : end, causal ? NONE : tip);
            }
            chainKeys(tip, first, end, tip);
            outputs[position] = tip - firstTip;
            first = end;
        }
    }

    /** Makes an element attend to the elements from first up to end, and to the tip unless that is NONE. */
    private void chainKeys(int element, int first, int end, int tip) {
        for (int i = first; i < end; i++) {
            keys[element * keySlots + i - first] = i;
        }
        endKeys(element, end - first, tip);
    }

    /** Writes the last key of an element at a place of its list, and ends the list there. */
    private void endKeys(int element, int place, int key) {
        int end = element * keySlots + place;
        if (key != NONE) {
            keys[end++] = key;
        }
        Arrays.fill(keys, end, (element + 1) * keySlots, NONE);
    }

    private int add(int input) {
        if (elements == capacity) {
            grow(Math.max(64, capacity * 2));
        }
        inputs[elements] = input;
        return elements++;
    }

    private void grow(int newCapacity) {
        capacity = newCapacity;
        inputs = Arrays.copyOf(inputs, capacity);
        keys = Arrays.copyOf(keys, Math.multiplyExact(capacity, keySlots));
        inputKeys = new int[keys.length];
        if (sharePrefixes) {
            children = Arrays.copyOf(children, Math.multiplyExact(capacity + 1, BASE));
        }
    }
}

package org.seqpe.model.params;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.seqpe.core.io.NamedArray;

/**
 * The named arrays in the flat parameter vector: where each one lies and what kind it is. Gradients and optimizer
 * moments have the same layout. The main model uses GPT-2's names; the position encoder uses the reference's names with
 * the prefix {@value #POSITION_PREFIX}.
 */
public final class ParameterLayout {
    /** Prefix of the names of the position encoder's parameters. */
    public static final String POSITION_PREFIX = "position_encoder.";

    /** Which gradients are clipped together (method.md section 4). */
    public enum Part {
        MODEL,
        POSITION_ENCODER
    }

    /** How an array takes part in weight decay; the optimizer's settings decide what that means. */
    public enum Decay {
        ALWAYS,
        NEVER,
        POSITION_BIAS
    }

    /**
     * One named array of parameters.
     *
     * @param group what it belongs to, as shown to users, such as "blocks"
     * @param initial how it begins
     */
    public record Entry(NamedArray array, String group, Part part, Decay decay, InitialValues initial) {
        public String name() {
            return array.name();
        }

        /** The first element in the flat vector. */
        public long offset() {
            return array.offset();
        }

        public long size() {
            return array.size();
        }

        /** The shape as an array. */
        public long[] extents() {
            return array.extents();
        }
    }

    private final Map<String, Entry> entries;
    private final long size;

    private ParameterLayout(Map<String, Entry> entries, long size) {
        this.entries = Collections.unmodifiableMap(entries);
        this.size = size;
    }

    /** Elements of the flat vector. */
    public long size() {
        return size;
    }

    /** All arrays in order of their offsets. */
    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** The names and shapes alone, as in files. */
    public List<NamedArray> arrays() {
        return entries.values().stream().map(Entry::array).toList();
    }

    /** @throws IllegalArgumentException if there is no such array */
    public Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("Cannot find parameter " + name + " among " + entries.keySet());
        }
        return entry;
    }

    /** Whether there is an array with this name. */
    public boolean contains(String name) {
        return entries.containsKey(name);
    }

    /** Elements of one part. */
    public long size(Part part) {
        return entries.values().stream()
                .filter(entry -> entry.part() == part)
                .mapToLong(Entry::size)
                .sum();
    }

    /** The first element of a part; its entries are contiguous. */
    public long offset(Part part) {
        return entries.values().stream()
                .filter(entry -> entry.part() == part)
                .mapToLong(Entry::offset)
                .findFirst()
                .orElse(size);
    }

    /** Collects entries in order. */
    public static final class Builder {
        private final Map<String, Entry> entries = new LinkedHashMap<>();
        private long size;
        private String group = "";

        /** Sets the group of the arrays added from now on, as shown to users. */
        public Builder group(String name) {
            group = name;
            return this;
        }

        /**
         * Adds an array after the existing ones.
         *
         * @param initial how it begins
         */
        public void add(String name, Part part, Decay decay, InitialValues initial, long... shape) {
            NamedArray array =
                    new NamedArray(name, size, LongStream.of(shape).boxed().toList());
            Entry entry = new Entry(array, group, part, decay, initial);
            if (entries.put(name, entry) != null) {
                throw new IllegalStateException("Two parameters are called " + name);
            }
            size += entry.size();
        }

        /** Adds the weight and bias of a layer norm. */
        public void addNorm(String name, Part part, int width, double weight) {
            add(name + ".weight", part, Decay.NEVER, InitialValues.constant(weight), width);
            add(name + ".bias", part, Decay.NEVER, InitialValues.constant(0), width);
        }

        public ParameterLayout build() {
            return new ParameterLayout(entries, size);
        }
    }
}

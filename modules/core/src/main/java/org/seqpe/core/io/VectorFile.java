package org.seqpe.core.io;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.seqpe.core.UserException;

/** A flat vector as a safetensors file that names its parts: parameters, momentum, moments. */
public final class VectorFile {
    /** The largest number of problems that a message lists. */
    private static final int NAMED_PROBLEMS = 3;

    private VectorFile() {}

    /** Where a vector comes from. */
    @FunctionalInterface
    public interface Source {
        /** Copies the {@code count} elements from {@code offset} on to the start of {@code target}. */
        void read(long offset, int count, float[] target);
    }

    /** Writes all arrays of a vector to a stream, which stays open. */
    public static void write(OutputStream out, List<NamedArray> arrays, Source vector) throws IOException {
        Safetensors.write(
                out, arrays.stream().map(array -> new Part(array, vector)).toList(), Map.of());
    }

    /**
     * Fills a vector.
     *
     * @param vector receives the elements of one array after the other
     * @throws UserException if an array is missing, has another shape, or does not belong to the vector; nothing is
     *     written then
     */
    public static void read(String path, List<NamedArray> arrays, Safetensors.Sink vector) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            requireArrays(path, arrays, reader);
            for (NamedArray array : arrays) {
                reader.read(
                        array.name(), (offset, count, chunk) -> vector.write(array.offset() + offset, count, chunk));
            }
        }
    }

    /**
     * Which arrays of a vector a file had.
     *
     * @param missing arrays of the vector that the file does not have
     * @param unused arrays of the file that the vector does not have
     */
    public record Match(List<String> found, List<String> missing, List<String> unused) {}

    /**
     * Fills those arrays of a vector that a file has.
     *
     * @param prefix that names in the file may leave out, such as "transformer."
     * @throws UserException if an array has another shape; nothing is written then
     */
    public static Match readKnown(String path, List<NamedArray> arrays, String prefix, Safetensors.Sink vector) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            Map<NamedArray, String> known = known(path, arrays, prefix, reader);
            known.forEach((array, name) ->
                    reader.read(name, (offset, count, chunk) -> vector.write(array.offset() + offset, count, chunk)));
            return new Match(
                    List.copyOf(known.values()),
                    arrays.stream()
                            .filter(array -> !known.containsKey(array))
                            .map(NamedArray::name)
                            .toList(),
                    reader.names().stream()
                            .filter(name -> !known.containsValue(name))
                            .toList());
        }
    }

    private static Map<NamedArray, String> known(
            String path, List<NamedArray> arrays, String prefix, Safetensors.Reader reader) {
        Set<String> names = new LinkedHashSet<>(reader.names());
        Map<NamedArray, String> known = new LinkedHashMap<>();
        for (NamedArray array : arrays) {
            String bare = array.name().startsWith(prefix) ? array.name().substring(prefix.length()) : array.name();
            String name = names.contains(array.name()) ? array.name() : bare;
            if (!names.contains(name)) {
                continue;
            }
            if (!array.shape().equals(shape(reader, name))) {
                throw new UserException("Cannot begin with " + path + ": expected " + name + " of shape "
                        + array.shape() + ", found " + shape(reader, name)
                        + ". Give the model the sizes that it has there.");
            }
            known.put(array, name);
        }
        return known;
    }

    private static void requireArrays(String path, List<NamedArray> arrays, Safetensors.Reader reader) {
        List<String> problems = new ArrayList<>();
        Set<String> rest = new LinkedHashSet<>(reader.names());
        for (NamedArray array : arrays) {
            List<Long> found = rest.remove(array.name()) ? shape(reader, array.name()) : null;
            if (!array.shape().equals(found)) {
                problems.add("expected " + array.name() + " of shape " + array.shape() + ", found "
                        + (found == null ? "none" : found));
            }
        }
        rest.forEach(name -> problems.add("expected no " + name + ", found shape " + shape(reader, name)));
        if (!problems.isEmpty()) {
            int more = problems.size() - NAMED_PROBLEMS;
            throw new UserException(
                    "Cannot use " + path + ": "
                            + String.join("; ", problems.subList(0, Math.min(NAMED_PROBLEMS, problems.size())))
                            + (more > 0 ? "; and so on for " + more + " more" : "")
                            + ". It was written with another model or optimizer: use the configuration that it was written with.");
        }
    }

    private static List<Long> shape(Safetensors.Reader reader, String name) {
        List<Long> shape = new ArrayList<>();
        for (long extent : reader.shape(name)) {
            shape.add(extent);
        }
        return shape;
    }

    private record Part(NamedArray array, Source vector) implements Safetensors.Source {
        @Override
        public String name() {
            return array.name();
        }

        @Override
        public long[] shape() {
            return array.extents();
        }

        @Override
        public void read(long offset, int count, float[] target) {
            vector.read(array.offset() + offset, count, target);
        }
    }
}

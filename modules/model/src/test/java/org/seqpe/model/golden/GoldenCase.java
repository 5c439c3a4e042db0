package org.seqpe.model.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One golden case: what was run (kind and config) and the arrays that went in and came out, by names such as
 * {@code in/ids}, {@code param/wte}, {@code grad/wte} or {@code out/logits}.
 */
public final class GoldenCase {
    private final Path file;
    private final JsonNode manifest;
    private Map<String, NpyArray> arrays;

    GoldenCase(Path file, JsonNode manifest) {
        this.file = file;
        this.manifest = manifest;
    }

    public String name() {
        return manifest.get("name").asText();
    }

    public String kind() {
        return manifest.get("kind").asText();
    }

    public JsonNode config() {
        return manifest.get("config");
    }

    /** The first source file of the reference that the case ran; empty where the manifest does not say. */
    public String producedBy() {
        return manifest.at("/produced_by/0").asText("");
    }

    /** What was measured when the case was made; an empty object where nothing was. */
    public JsonNode checks() {
        return manifest.path("checks");
    }

    /** The manifest's list of arrays: name to [type, shape, optional description]. */
    JsonNode listedArrays() {
        return manifest.path("arrays");
    }

    /**
     * A config value that selects behaviour.
     *
     * @param path keys from the config's root, separated by dots
     * @param allowed the values the test knows; another one fails the test rather than being ignored
     */
    public String choice(String path, String... allowed) {
        JsonNode value = config().at("/" + path.replace('.', '/'));
        if (value.isMissingNode() || !List.of(allowed).contains(value.asText())) {
            throw new AssertionError("Cannot run golden case " + name() + ": expected config " + path + " to be one of "
                    + List.of(allowed) + ", found " + value);
        }
        return value.asText();
    }

    /** The names of all arrays that begin with a prefix, sorted. */
    public List<String> names(String prefix) {
        return arrays().keySet().stream()
                .filter(array -> array.startsWith(prefix))
                .toList();
    }

    public boolean has(String array) {
        return arrays().containsKey(array);
    }

    public int[] shape(String array) {
        return get(array).shape().clone();
    }

    /** The values in C order, whatever the stored type. */
    public double[] doubles(String array) {
        return get(array).doubles();
    }

    /** The values in C order, rounded to float32. */
    public float[] floats(String array) {
        double[] values = doubles(array);
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (float) values[i];
        }
        return rounded;
    }

    /**
     * The values in C order.
     *
     * @throws AssertionError if the array holds floating-point numbers
     */
    public long[] longs(String array) {
        return get(array).longs();
    }

    /**
     * The values in C order.
     *
     * @throws AssertionError if the array holds floating-point numbers
     * @throws ArithmeticException if a value does not fit
     */
    public int[] ints(String array) {
        long[] values = longs(array);
        int[] narrowed = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            narrowed[i] = Math.toIntExact(values[i]);
        }
        return narrowed;
    }

    /** The only value of an array. */
    public double scalar(String array) {
        double[] values = doubles(array);
        if (values.length != 1) {
            throw new AssertionError(
                    "Cannot read " + array + " of golden case " + name() + " as one number: it has " + values.length);
        }
        return values[0];
    }

    private NpyArray get(String array) {
        NpyArray found = arrays().get(array);
        if (found == null) {
            throw new AssertionError("Golden case " + name() + " (" + file + ") has no array " + array + "; it has "
                    + arrays().keySet());
        }
        return found;
    }

    private synchronized Map<String, NpyArray> arrays() {
        if (arrays == null) {
            arrays = new TreeMap<>(
                    NpyArray.readArchive(file, manifest.path("sha256").asText("")));
        }
        return arrays;
    }

    @Override
    public String toString() {
        return name();
    }
}

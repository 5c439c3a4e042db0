package org.seqpe.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;

class VectorFileTest {
    private static final NamedArray WEIGHT = new NamedArray("h.weight", 0, List.of(2L, 3L));
    private static final NamedArray BIAS = new NamedArray("h.bias", 6, List.of(2L));

    @TempDir
    Path folder;

    private String write(List<NamedArray> arrays, float... vector) {
        String path = folder.resolve("x.safetensors").toString();
        HadoopFiles.writeDurably(
                path,
                out -> VectorFile.write(
                        out,
                        arrays,
                        (offset, count, target) -> System.arraycopy(vector, (int) offset, target, 0, count)));
        return path;
    }

    private static float[] read(String path, List<NamedArray> arrays) {
        float[] vector = new float[8];
        VectorFile.read(
                path, arrays, (offset, count, chunk) -> System.arraycopy(chunk, 0, vector, (int) offset, count));
        return vector;
    }

    @Test
    void arraysLieWhereTheVectorHasThem() {
        String path = write(List.of(WEIGHT, BIAS), 1, 2, 3, 4, 5, 6, 7, 8);
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            assertThat(reader.shape("h.weight")).containsExactly(2, 3);
            assertThat(reader.read("h.bias")).containsExactly(7, 8);
        }
        assertThat(read(path, List.of(WEIGHT, BIAS))).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        NamedArray first = new NamedArray("h.bias", 0, List.of(2L));
        NamedArray second = new NamedArray("h.weight", 2, List.of(2L, 3L));
        assertThat(read(path, List.of(first, second)))
                .as("names count, not places in the file")
                .containsExactly(7, 8, 1, 2, 3, 4, 5, 6);
    }

    /** A name may leave out the prefix; what only one side has is named; another shape is refused. */
    @Test
    void knownArraysAlone() {
        NamedArray bare = new NamedArray("h.weight", 0, List.of(2L, 3L));
        NamedArray other = new NamedArray("other", 6, List.of(2L));
        String path = write(List.of(bare, other), 1, 2, 3, 4, 5, 6, 7, 8);
        NamedArray missing = new NamedArray("t.missing", 0, List.of(2L));
        NamedArray prefixed = new NamedArray("t.h.weight", 2, List.of(2L, 3L));
        float[] vector = new float[8];
        Arrays.fill(vector, -1);
        VectorFile.Match match = VectorFile.readKnown(
                path,
                List.of(missing, prefixed),
                "t.",
                (offset, count, chunk) -> System.arraycopy(chunk, 0, vector, (int) offset, count));
        assertThat(vector).containsExactly(-1, -1, 1, 2, 3, 4, 5, 6);
        assertThat(match).isEqualTo(new VectorFile.Match(List.of("h.weight"), List.of("t.missing"), List.of("other")));
        NamedArray turned = new NamedArray("h.weight", 0, List.of(3L, 2L));
        assertThatThrownBy(() -> VectorFile.readKnown(path, List.of(turned), "t.", (offset, count, chunk) -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected h.weight of shape [3, 2], found [2, 3]");
    }

    /** Files are written and read in chunks, here more than two for an array that does not begin the vector. */
    @Test
    void longArraysLieThereToo() {
        int length = 3 * (1 << 18) + 13;
        float[] vector = new float[5 + length + 3];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = i;
        }
        List<NamedArray> arrays = List.of(
                new NamedArray("a", 0, List.of(5L)),
                new NamedArray("b", 5, List.of((long) length)),
                new NamedArray("c", 5L + length, List.of(3L)));
        String path = write(arrays, vector);
        float[] read = new float[vector.length];
        VectorFile.read(path, arrays, (offset, count, chunk) -> System.arraycopy(chunk, 0, read, (int) offset, count));
        assertThat(read).isEqualTo(vector);
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            float[] part = new float[length - 10];
            reader.read("b", 7, part.length, part);
            assertThat(part).isEqualTo(Arrays.copyOfRange(vector, 12, 12 + part.length));
        }
    }

    @Test
    void arraysThatAreNotTheVectorsAreRefused() {
        String path = write(List.of(WEIGHT, BIAS), 1, 2, 3, 4, 5, 6, 7, 8);
        refused(
                path,
                List.of(new NamedArray("h.weight", 0, List.of(3L, 2L)), BIAS),
                "expected h.weight of shape [3, 2], found [2, 3].");
        refused(
                path,
                List.of(WEIGHT, BIAS, new NamedArray("wte", 0, List.of(1L))),
                "expected wte of shape [1], found none.");
        refused(path, List.of(WEIGHT), "expected no h.bias, found shape [2].");
        refused(
                path,
                List.of(new NamedArray("a", 0, List.of()), new NamedArray("b", 0, List.of())),
                "expected a of shape [], found none; "
                        + "expected b of shape [], found none; expected no h.weight, found shape [2, 3]; and so on for 1 more.");
    }

    private static void refused(String path, List<NamedArray> arrays, String message) {
        assertThatThrownBy(() -> VectorFile.read(path, arrays, (offset, count, chunk) -> {
                    throw new AssertionError("Written before the file was known to fit");
                }))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use " + path + ": " + message);
    }
}

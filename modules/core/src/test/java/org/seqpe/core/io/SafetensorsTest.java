package org.seqpe.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.seqpe.core.UserException;

class SafetensorsTest {
    @TempDir
    Path folder;

    private String write(List<? extends Safetensors.Source> tensors) {
        String path = folder.resolve("x.safetensors").toString();
        HadoopFiles.writeDurably(path, out -> Safetensors.write(out, tensors, Map.of("step", "7")));
        return path;
    }

    @Test
    void tensorsReadBackBitwiseAcrossChunks() {
        float[] large = new float[(1 << 18) * 2 + 13];
        for (int i = 0; i < large.length; i++) {
            large[i] = Float.intBitsToFloat(i * 40_503);
        }
        float[] special = {-0.0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, Float.NaN, 1f};
        String path = write(List.of(
                Safetensors.of("h.0.weight", large, large.length),
                Safetensors.of("empty", new float[0], 0, 3),
                Safetensors.of("wte", special, 2, 3),
                Safetensors.of("scalar", new float[] {4})));
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            assertThat(reader.names()).containsExactly("h.0.weight", "empty", "wte", "scalar");
            assertThat(reader.metadata()).containsExactly(Map.entry("step", "7"));
            assertThat(reader.shape("wte")).containsExactly(2, 3);
            assertThat(reader.shape("scalar")).isEmpty();
            assertThat(bits(reader.read("wte"))).isEqualTo(bits(special));
            assertThat(bits(reader.read("h.0.weight"))).isEqualTo(bits(large));
            assertThat(reader.read("empty")).isEmpty();
            assertThat(reader.read("scalar")).containsExactly(4f);
            assertThatThrownBy(() -> reader.read("none"))
                    .isInstanceOf(UserException.class)
                    .hasMessageContainingAll("none", path, "wte");
        }
    }

    /** The layout that other tools rely on, byte by byte. */
    @Test
    void theFileIsSafetensors() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(write(List.of(
                        Safetensors.of("b", new float[] {1, 2}, 2), Safetensors.of("a", new float[] {3}, 1, 1))))))
                .order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) bytes.getLong();
        assertThat(header % 8).isZero();
        byte[] json = new byte[header];
        bytes.get(json);
        assertThat(new String(json, StandardCharsets.UTF_8).strip())
                .isEqualTo(
                        "{\"__metadata__\":{\"step\":\"7\"},"
                                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[8,12]}}");
        assertThat(List.of(bytes.getFloat(), bytes.getFloat(), bytes.getFloat(), (float) bytes.remaining()))
                .containsExactly(1f, 2f, 3f, 0f);
    }

    @Test
    void brokenFilesAreNamed() throws IOException {
        Path path = Path.of(write(List.of(Safetensors.of("a", new float[100], 100))));
        byte[] whole = Files.readAllBytes(path);
        for (int length : new int[] {0, 5, 30, whole.length - 1}) {
            Files.write(path, java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Safetensors.open(path.toString()))
                    .as("%d bytes", length)
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining(path.toString());
        }
        byte[] otherType = new String(whole, StandardCharsets.ISO_8859_1)
                .replace("F32", "F16")
                .getBytes(StandardCharsets.ISO_8859_1);
        Files.write(path, otherType);
        assertThatThrownBy(() -> Safetensors.open(path.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected dtype F32 of tensor a, found F16");
    }

    private Path file(String header, int values) throws IOException {
        byte[] bytes = header.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer all = ByteBuffer.allocate(8 + bytes.length + values)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .put(bytes);
        return Files.write(folder.resolve("made.safetensors"), all.array());
    }

    private static String tensor(String name, String shape, String range) {
        return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + range + "}";
    }

    /** Valid by the format's own rules, though this program writes none of them. */
    @Test
    void filesOfOtherWritersAreRead() throws IOException {
        for (String header : List.of(
                "{\"__metadata__\":{\"k\":\"v\"}}", "{}        ", "{" + tensor("none", "[0,3]", "[0,0]") + "}")) {
            Safetensors.open(file(header, 0).toString()).close();
        }
        for (String header : List.of(
                "{" + tensor("scalar", "[]", "[0,4]") + "," + tensor("empty", "[0,3]", "[4,4]") + "}   ",
                "{" + tensor("b", "[0]", "[4,4]") + "," + tensor("a", "[1]", "[0,4]") + "}",
                "{" + tensor("empty", "[0]", "[0,0]") + "," + tensor("a", "[1,1]", "[0,4]") + "}")) {
            Safetensors.open(file(header, 4).toString()).close();
        }
    }

    @ParameterizedTest
    @MethodSource("headersThatBreakTheFormat")
    void whatTheFormatForbidsIsRefused(String header, int values, String expected) throws IOException {
        Path file = file(header, values);
        assertThatThrownBy(() -> Safetensors.open(file.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(file.toString(), expected);
    }

    static List<Arguments> headersThatBreakTheFormat() {
        return List.of(
                Arguments.of(
                        "{" + tensor("a", "[2]", "[0,8]") + "," + tensor("b", "[2]", "[4,12]") + "}", 12, "overlaps"),
                Arguments.of(
                        "{" + tensor("a", "[1]", "[0,4]") + "," + tensor("b", "[1]", "[8,12]") + "}",
                        12,
                        "leaves a hole"),
                Arguments.of("{" + tensor("a", "[1]", "[4,8]") + "}", 8, "leaves a hole"),
                Arguments.of(
                        "{" + tensor("a", "[1]", "[0,4]") + "," + tensor("a", "[1]", "[4,8]") + "}",
                        8,
                        "Duplicate field 'a'"),
                Arguments.of("{" + tensor("a", "[1]", "[0,4]") + "}", 8, "expected 4 bytes of values, found 8"),
                Arguments.of(
                        "{" + tensor("a", "[2147483648,2147483648,4]", "[0,0]") + "}", 0, "more values than any file"),
                Arguments.of("{" + tensor("a", "[4611686018427387905]", "[0,4]") + "}", 4, "more values than any file"),
                Arguments.of("{" + tensor("a", "[-1]", "[0,-4]") + "}", 4, "whole numbers from 0 on"),
                Arguments.of("{" + tensor("a", "[1.0]", "[0,4]") + "}", 4, "whole numbers from 0 on"),
                Arguments.of("{" + tensor("a", "[18446744073709551617]", "[0,4]") + "}", 4, "whole numbers from 0 on"),
                Arguments.of("{" + tensor("a", "1", "[0,4]") + "}", 4, "whole numbers from 0 on"),
                Arguments.of("{" + tensor("a", "[1]", "[0,4,8]") + "}", 4, "two rising data_offsets"),
                Arguments.of("{" + tensor("a", "[1]", "[4,0]") + "}", 4, "two rising data_offsets"),
                Arguments.of("{\"a\":7}", 0, "expected dtype F32 of tensor a"),
                Arguments.of("{\"__metadata__\":{\"k\":1}}", 0, "expected a text as __metadata__ k"),
                Arguments.of("{\"__metadata__\":[]}", 0, "object of texts"),
                Arguments.of(" {}", 0, "begins with {"),
                Arguments.of("[]", 0, "begins with {"),
                Arguments.of("{} x", 0, "header"),
                Arguments.of("{\"\u00ff\":1}", 0, "no UTF-8"),
                Arguments.of("{\"a\":".repeat(5000) + "1" + "}".repeat(5000), 0, "header"));
    }

    @Test
    void sizesBeyondTwoGigabytesGetLongOffsets() throws IOException {
        StringBuilder start = new StringBuilder();
        OutputStream header = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                start.append(new String(bytes, from, length, StandardCharsets.ISO_8859_1));
                if (start.length() > 300) {
                    throw new IOException("enough");
                }
            }
        };
        long rows = 3_000_000_000L;
        Safetensors.Source huge = new Safetensors.Source() {
            @Override
            public String name() {
                return "huge";
            }

            @Override
            public long[] shape() {
                return new long[] {rows};
            }

            @Override
            public void read(long offset, int count, float[] target) {}
        };
        assertThatThrownBy(() -> Safetensors.write(header, List.of(huge), Map.of()))
                .hasMessage("enough");
        assertThat(start.toString()).contains("\"data_offsets\":[0,12000000000]");
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}

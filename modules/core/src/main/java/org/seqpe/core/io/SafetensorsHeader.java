package org.seqpe.core.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.seqpe.core.UserException;

/**
 * The JSON header of a safetensors file, checked for what the format guarantees: every byte of the values belongs to
 * exactly one tensor, without overlaps or gaps, and every name occurs once.
 *
 * @param tensors in the order of the header
 * @param metadata texts by name
 */
record SafetensorsHeader(List<Tensor> tensors, Map<String, String> metadata) {
    private static final String METADATA = "__metadata__";
    private static final String TYPE = "F32";

    /**
     * @param begin start of its values, in bytes from the first value of the file
     * @param end the byte after its last
     */
    record Tensor(String name, long[] shape, long begin, long end) {}

    /**
     * @param header the header's bytes
     * @param values bytes that follow the header in the file
     * @param broken turns a problem into the exception to throw
     */
    static SafetensorsHeader parse(byte[] header, long values, Function<String, UserException> broken) {
        JsonNode root = tree(header, broken);
        List<Tensor> tensors = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = root.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (field.getKey().equals(METADATA)) {
                metadata.putAll(metadata(field.getValue(), broken));
            } else {
                tensors.add(tensor(field.getKey(), field.getValue(), broken));
            }
        }
        requireGapless(tensors, values, broken);
        return new SafetensorsHeader(tensors, metadata);
    }

    private static JsonNode tree(byte[] header, Function<String, UserException> broken) {
        if (header[0] != '{') {
            throw broken.apply("expected a header that begins with {, found the byte " + header[0]);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header))
                    .toString();
            JsonNode root = Json.parse(text, JsonNode.class, "its header");
            if (!root.isObject()) {
                throw broken.apply("expected a JSON object as its header");
            }
            return root;
        } catch (CharacterCodingException e) {
            throw broken.apply("its header is no UTF-8");
        } catch (UserException e) {
            throw broken.apply(e.getMessage());
        }
    }

    private static Map<String, String> metadata(JsonNode value, Function<String, UserException> broken) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (!value.isObject()) {
            throw broken.apply("expected " + METADATA + " to be an object of texts, found " + shortened(value));
        }
        value.fields().forEachRemaining(pair -> {
            if (!pair.getValue().isTextual()) {
                throw broken.apply("expected a text as " + METADATA + " " + pair.getKey() + ", found "
                        + shortened(pair.getValue()));
            }
            metadata.put(pair.getKey(), pair.getValue().asText());
        });
        return metadata;
    }

    private static Tensor tensor(String name, JsonNode value, Function<String, UserException> broken) {
        if (!value.path("dtype").asText().equals(TYPE)) {
            throw broken.apply("expected dtype " + TYPE + " of tensor " + name + ", found "
                    + value.path("dtype").asText("none"));
        }
        long[] shape = numbers(name, value.path("shape"), "shape", broken);
        long[] range = numbers(name, value.path("data_offsets"), "data_offsets", broken);
        if (range.length != 2 || range[0] > range[1]) {
            throw broken.apply("expected two rising data_offsets of tensor " + name + ", found "
                    + shortened(value.path("data_offsets")));
        }
        try {
            long bytes = Math.multiplyExact(Safetensors.count(shape), Float.BYTES);
            if (range[1] - range[0] != bytes) {
                throw broken.apply("expected " + bytes + " bytes of tensor " + name + " with shape "
                        + shortened(value.path("shape")) + ", found " + (range[1] - range[0]));
            }
        } catch (ArithmeticException e) {
            throw broken.apply("the shape " + shortened(value.path("shape")) + " of tensor " + name
                    + " has more values than any file");
        }
        return new Tensor(name, shape, range[0], range[1]);
    }

    private static long[] numbers(String tensor, JsonNode list, String what, Function<String, UserException> broken) {
        boolean whole = list.isArray();
        for (JsonNode number : list) {
            whole &= number.isIntegralNumber() && number.canConvertToLong() && number.asLong() >= 0;
        }
        if (!whole) {
            throw broken.apply("expected a list of whole numbers from 0 on as " + what + " of tensor " + tensor
                    + ", found " + shortened(list));
        }
        long[] numbers = new long[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = list.get(i).asLong();
        }
        return numbers;
    }

    private static void requireGapless(List<Tensor> tensors, long values, Function<String, UserException> broken) {
        List<Tensor> sorted = new ArrayList<>(tensors);
        sorted.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
        long end = 0;
        for (Tensor tensor : sorted) {
            if (tensor.begin() != end) {
                throw broken.apply("expected tensor " + tensor.name() + " at byte " + end
                        + " of the values, found it at " + tensor.begin() + ", which "
                        + (tensor.begin() < end ? "overlaps another one" : "leaves a hole"));
            }
            end = tensor.end();
        }
        if (end != values) {
            throw broken.apply("expected " + end + " bytes of values, found " + values);
        }
    }

    private static String shortened(JsonNode value) {
        String text = value.toString();
        return text.isEmpty() ? "none" : text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}

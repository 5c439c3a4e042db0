package org.seqpe.core.io;

import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import org.seqpe.core.UserException;

/**
 * The JSON format of every file of this project: records in the order of their components, maps sorted by key, UTF-8,
 * no NaN or infinity (which JSON does not have).
 */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .addModule(new SimpleModule()
                    .addSerializer(Double.class, new FiniteNumber())
                    .addSerializer(double.class, new FiniteNumber())
                    .addSerializer(Float.class, new FiniteNumber())
                    .addSerializer(float.class, new FiniteNumber())
                    .addSerializer(double[].class, new FiniteNumbers()))
            .build();
    private static final DefaultPrettyPrinter PRETTY = new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultIndenter("  ", "\n"));

    private Json() {}

    /** JSON on several lines, indented, with a line end. */
    public static String pretty(Object value) {
        try {
            return MAPPER.writer(PRETTY).writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw notWritable(e);
        }
    }

    /** JSON on one line, without a line end. */
    public static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw notWritable(e);
        }
    }

    /** The value as a tree; objects keep the order in which fields are set. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * @param where the file or line that the text comes from, for messages
     * @throws UserException if the text is not JSON or does not fit the type
     */
    public static <T> T parse(String text, Class<T> type, String where) {
        try {
            T value = MAPPER.readValue(text, type);
            if (value == null) {
                throw new UserException("Cannot read " + where + ": expected content, found null.");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw notReadable(e, where);
        }
    }

    /** The content of a tree as a record; {@code where} is as in {@link #parse}. */
    public static <T> T convert(JsonNode tree, Class<T> type, String where) {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw notReadable(e, where);
        }
    }

    /** Reads a file on a Hadoop path; see {@link #parse}. */
    public static <T> T readFile(String path, Class<T> type) {
        return parse(HadoopFiles.readString(path), type, path);
    }

    private static UserException notReadable(JsonProcessingException e, String where) {
        String line = e.getLocation() == null || e.getLocation().getLineNr() < 0
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
        return new UserException("Cannot read " + where + ": " + e.getOriginalMessage() + line, e);
    }

    private static IllegalArgumentException notWritable(JsonProcessingException e) {
        return new IllegalArgumentException("Cannot write JSON: " + e.getOriginalMessage(), e);
    }

    private static void writeFinite(double value, boolean isFloat, JsonGenerator out) throws IOException {
        if (!Double.isFinite(value)) {
            throw new JsonGenerationException(
                    "expected a finite number, found " + value + " at "
                            + out.getOutputContext().pathAsPointer(),
                    out);
        }
        if (isFloat) {
            out.writeNumber((float) value);
        } else {
            out.writeNumber(value);
        }
    }

    private static final class FiniteNumber extends JsonSerializer<Number> {
        @Override
        public void serialize(Number value, JsonGenerator out, SerializerProvider provider) throws IOException {
            writeFinite(value.doubleValue(), value instanceof Float, out);
        }
    }

    private static final class FiniteNumbers extends JsonSerializer<double[]> {
        @Override
        public void serialize(double[] values, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeStartArray();
            for (double value : values) {
                writeFinite(value, false, out);
            }
            out.writeEndArray();
        }
    }
}

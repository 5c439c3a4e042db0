package org.seqpe.evaluation.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.seqpe.core.UserException;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.SweepRow;

/**
 * The rows of a sweep as sweep.json and sweep.csv. Both are UTF-8 with stable columns: the components of {@link R}, in
 * its order, in snake_case. An {@link Estimate} has three columns: its value, and the ends of its interval under the
 * same name with {@code _low} and {@code _high}. Numbers are written so that reading gives the same bits. The JSON file
 * also has the other components that are records, such as a loss by position. A value that does not exist is null there
 * and empty in the CSV file.
 *
 * @param <R> the task's rows
 */
public final class SweepFiles<R extends SweepRow> {
    private static final String FORMAT = "seqpe-sweep";
    private static final int VERSION = 2;
    /** Files of this version have no intervals. */
    private static final int WITHOUT_INTERVALS = 1;

    private static final String LOW = "_low";
    private static final String HIGH = "_high";
    private static final SnakeCaseStrategy SNAKE_CASE = new SnakeCaseStrategy();
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(SNAKE_CASE)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private record SweepFile(String format, int version, List<JsonNode> rows) {}

    private final Class<R> type;

    /** @param type the record that is a row of the task */
    public SweepFiles(Class<R> type) {
        this.type = type;
    }

    /** Writes sweep.json; the stream stays open. */
    public void writeJson(List<R> rows, OutputStream out) throws IOException {
        var printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        List<JsonNode> flat = rows.stream().<JsonNode>map(this::flat).toList();
        MAPPER.writer(printer).writeValue(out, new SweepFile(FORMAT, VERSION, flat));
        out.write('\n');
        out.flush();
    }

    /**
     * Reads what {@link #writeJson} wrote, and files of version 1, which have no intervals.
     *
     * @param name what messages call the file
     * @throws UserException if it is something else
     */
    public List<R> readJson(InputStream in, String name) throws IOException {
        // As text, because of bytes the parser would guess the encoding.
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        try {
            SweepFile file = MAPPER.readValue(text, SweepFile.class);
            if (file == null
                    || !FORMAT.equals(file.format)
                    || file.version < WITHOUT_INTERVALS
                    || file.version > VERSION
                    || file.rows == null) {
                throw new UserException("Cannot read sweep results: expected format " + FORMAT + " version "
                        + WITHOUT_INTERVALS + " or " + VERSION + ", found "
                        + (file == null ? "nothing" : file.format + " version " + file.version) + " (" + name
                        + "); run the sweep again");
            }
            List<R> rows = new ArrayList<>();
            for (JsonNode flat : file.rows) {
                rows.add(MAPPER.treeToValue(nested(flat, file.version == WITHOUT_INTERVALS), type));
            }
            return rows;
        } catch (JsonProcessingException e) {
            throw new UserException(
                    "Cannot read sweep results: expected the JSON that `seqpe sweep` writes, found "
                            + e.getOriginalMessage() + " (" + name + "); run the sweep again",
                    e);
        }
    }

    /** A row with the values and ends of its estimates side by side. */
    private ObjectNode flat(R row) {
        ObjectNode nested = MAPPER.valueToTree(row);
        ObjectNode flat = MAPPER.createObjectNode();
        for (RecordComponent component : type.getRecordComponents()) {
            String column = column(component);
            JsonNode value = nested.get(column);
            flat.set(column, value);
            if (isEstimate(component)) {
                JsonNode interval = value.path("interval");
                flat.set(column, orNull(value.path("value")));
                flat.set(column + LOW, orNull(interval.path("low")));
                flat.set(column + HIGH, orNull(interval.path("high")));
            }
        }
        return flat;
    }

    /** The opposite of {@link #flat}. A missing value stays missing, and the mapper names it. */
    private JsonNode nested(JsonNode flat, boolean withoutIntervals) throws JsonProcessingException {
        if (!(flat instanceof ObjectNode row)) {
            throw new JsonMappingException(null, "a row that is no object");
        }
        for (RecordComponent component : type.getRecordComponents()) {
            String column = column(component);
            if (isEstimate(component) && row.has(column)) {
                JsonNode value = row.get(column);
                JsonNode low = end(row, column + LOW, withoutIntervals);
                JsonNode high = end(row, column + HIGH, withoutIntervals);
                if (!value.isNull()) {
                    ObjectNode estimate = row.putObject(column);
                    estimate.set("value", value);
                    estimate.putNull("interval");
                    if (!low.isNull() || !high.isNull()) {
                        ObjectNode interval = estimate.putObject("interval");
                        interval.set("low", low);
                        interval.set("high", high);
                    }
                }
            }
        }
        return row;
    }

    private static JsonNode end(ObjectNode row, String column, boolean withoutIntervals) throws JsonMappingException {
        JsonNode end = row.remove(column);
        if (end == null && !withoutIntervals) {
            throw new JsonMappingException(null, "a row without " + column);
        }
        return orNull(end);
    }

    private static JsonNode orNull(JsonNode value) {
        return value == null || value.isMissingNode() ? NullNode.getInstance() : value;
    }

    /** Writes sweep.csv (RFC 4180, lines end with a line feed); the stream stays open. */
    public void writeCsv(List<R> rows, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        CSVPrinter printer = new CSVPrinter(
                writer, CSVFormat.RFC4180.builder().setRecordSeparator('\n').build());
        printer.printRecord(columns());
        for (R row : rows) {
            JsonNode values = flat(row);
            for (String column : columns()) {
                JsonNode value = values.get(column);
                printer.print(value.isNull() ? null : value.asText());
            }
            printer.println();
        }
        printer.flush();
    }

    /** The columns of sweep.csv. */
    public List<String> columns() {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> isEstimate(component) || isOneValue(component))
                .flatMap(component -> isEstimate(component)
                        ? Stream.of("", LOW, HIGH).map(end -> column(component) + end)
                        : Stream.of(column(component)))
                .toList();
    }

    private static boolean isEstimate(RecordComponent component) {
        return component.getType() == Estimate.class;
    }

    /** Whether it is no record, or a record that files write as one text. */
    private static boolean isOneValue(RecordComponent component) {
        return !component.getType().isRecord() || component.getAccessor().isAnnotationPresent(JsonSerialize.class);
    }

    private static String column(RecordComponent component) {
        return SNAKE_CASE.translate(component.getName());
    }
}

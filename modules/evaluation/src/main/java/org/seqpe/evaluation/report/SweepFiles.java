package org.seqpe.evaluation.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.seqpe.core.UserException;
import org.seqpe.evaluation.SweepRow;

/**
 * LanguageSweep rows as sweep.json and sweep.csv. Both are UTF-8 with stable columns: those of {@link R}, in its order,
 * in snake_case. Numbers are written so that reading gives the same bits. The JSON file also has the components that
 * are records, such as a loss by position; a value that does not exist is null there and empty in the CSV file.
 *
 * @param <R> the task's rows
 */
public final class SweepFiles<R extends SweepRow> {
    private static final String FORMAT = "seqpe-sweep";
    private static final int VERSION = 1;
    private static final SnakeCaseStrategy SNAKE_CASE = new SnakeCaseStrategy();
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(SNAKE_CASE)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private record SweepFile<R>(String format, int version, List<R> rows) {}

    private final Class<R> type;

    /** @param type the record that is a row of the task */
    public SweepFiles(Class<R> type) {
        this.type = type;
    }

    /** Writes sweep.json; the stream stays open. */
    public void writeJson(List<R> rows, OutputStream out) throws IOException {
        var printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        MAPPER.writer(printer).writeValue(out, new SweepFile<>(FORMAT, VERSION, rows));
        out.write('\n');
        out.flush();
    }

    /**
     * Reads what {@link #writeJson} wrote.
     *
     * @param name what messages call the file
     * @throws UserException if it is something else
     */
    public List<R> readJson(InputStream in, String name) throws IOException {
        SweepFile<R> file;
        try {
            // As text, because of bytes the parser would guess the encoding.
            file = MAPPER.readValue(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8),
                    MAPPER.getTypeFactory().constructParametricType(SweepFile.class, type));
        } catch (JsonProcessingException e) {
            throw new UserException(
                    "Cannot read sweep results: expected the JSON that `seqpe sweep` writes, found "
                            + e.getOriginalMessage() + " (" + name + "); run the sweep again",
                    e);
        }
        if (file == null || !FORMAT.equals(file.format) || file.version != VERSION || file.rows == null) {
            throw new UserException("Cannot read sweep results: expected format " + FORMAT + " version " + VERSION
                    + ", found " + (file == null ? "nothing" : file.format + " version " + file.version) + " (" + name
                    + "); run the sweep again");
        }
        return file.rows;
    }

    /** Writes sweep.csv (RFC 4180, lines end with a line feed); the stream stays open. */
    public void writeCsv(List<R> rows, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        CSVPrinter printer = new CSVPrinter(
                writer, CSVFormat.RFC4180.builder().setRecordSeparator('\n').build());
        printer.printRecord(columns());
        for (R row : rows) {
            JsonNode values = MAPPER.valueToTree(row);
            for (String column : columns()) {
                JsonNode value = values.get(column);
                printer.print(value.isNull() ? null : value.asText());
            }
            printer.println();
        }
        printer.flush();
    }

    /** The columns of sweep.csv: the components of the rows that are single values. */
    public List<String> columns() {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> !component.getType().isRecord())
                .map(component -> SNAKE_CASE.translate(component.getName()))
                .toList();
    }
}

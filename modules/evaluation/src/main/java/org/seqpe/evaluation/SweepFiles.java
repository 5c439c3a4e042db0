package org.seqpe.evaluation;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig.Protocol;

/**
 * Sweep rows as sweep.json and sweep.csv. Both are UTF-8 with stable columns: those of {@link SweepRow}, in its order,
 * in snake_case. Numbers are written so that reading gives the same bits. The JSON file also has the loss by position;
 * a value that does not exist is null there and empty in the CSV file.
 */
public final class SweepFiles {
    private static final String FORMAT = "seqpe-sweep";
    private static final int VERSION = 1;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .addModule(new SimpleModule()
                    .addSerializer(new ProtocolWriter())
                    .addDeserializer(Protocol.class, new ProtocolReader()))
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private record SweepFile(String format, int version, List<SweepRow> rows) {}

    private SweepFiles() {}

    /** Writes sweep.json; the stream stays open. */
    public static void writeJson(List<SweepRow> rows, OutputStream out) throws IOException {
        var printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        MAPPER.writer(printer).writeValue(out, new SweepFile(FORMAT, VERSION, rows));
        out.write('\n');
        out.flush();
    }

    /**
     * Reads what {@link #writeJson} wrote.
     *
     * @param name what messages call the file
     * @throws UserException if it is something else
     */
    public static List<SweepRow> readJson(InputStream in, String name) throws IOException {
        SweepFile file;
        try {
            // As text, because of bytes the parser would guess the encoding.
            file = MAPPER.readValue(new String(in.readAllBytes(), StandardCharsets.UTF_8), SweepFile.class);
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
    public static void writeCsv(List<SweepRow> rows, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        CSVPrinter printer = new CSVPrinter(
                writer, CSVFormat.RFC4180.builder().setRecordSeparator('\n').build());
        printer.printRecord(columns());
        for (SweepRow row : rows) {
            JsonNode values = MAPPER.valueToTree(row);
            for (String column : columns()) {
                JsonNode value = values.get(column);
                printer.print(value.isNull() ? null : value.asText());
            }
            printer.println();
        }
        printer.flush();
    }

    /** The columns of sweep.csv. */
    public static List<String> columns() {
        ObjectNode any = MAPPER.valueToTree(SweepRow.without(
                new SweepRow.Subject("", null, Protocol.NON_OVERLAPPING, new WindowPlan(2, 1, 1), null),
                SweepRow.Status.FAILED,
                ""));
        any.remove("loss_by_position");
        List<String> columns = new ArrayList<>();
        any.fieldNames().forEachRemaining(columns::add);
        return columns;
    }

    private static final class ProtocolWriter extends StdSerializer<Protocol> {
        private static final long serialVersionUID = 1L;

        ProtocolWriter() {
            super(Protocol.class);
        }

        @Override
        public void serialize(Protocol protocol, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(Protocols.text(protocol));
        }
    }

    private static final class ProtocolReader extends StdDeserializer<Protocol> {
        private static final long serialVersionUID = 1L;

        ProtocolReader() {
            super(Protocol.class);
        }

        @Override
        public Protocol deserialize(JsonParser in, DeserializationContext context) throws IOException {
            try {
                return Protocols.parse(in.getText());
            } catch (IllegalArgumentException e) {
                return (Protocol) context.handleWeirdStringValue(Protocol.class, in.getText(), "no such protocol");
            }
        }
    }
}

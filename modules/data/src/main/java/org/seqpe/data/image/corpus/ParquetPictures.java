package org.seqpe.data.image.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.ParquetRows;

/**
 * Pictures and labels in the rows of Parquet files. The column of pictures holds bytes, or a structure with a field
 * {@code bytes}; that of labels holds whole numbers or strings. A negative number and null are no label.
 */
final class ParquetPictures {
    private static final String BYTES = "bytes";
    /** Where data hubs note the names of classes. */
    private static final String HUB = "huggingface";

    /**
     * What a file says of its classes.
     *
     * @param labels the labels that occur, each once
     * @param areNumbers whether they are numbers
     * @param names the names of classes 0, 1, ... that the file's writer noted, or empty
     */
    record Labels(List<String> labels, boolean areNumbers, List<String> names) {}

    /** Takes rows in order. */
    @FunctionalInterface
    interface Sink {
        /** @param label the label's text, or null */
        void accept(String label, byte[] picture, long row) throws IOException;
    }

    private ParquetPictures() {}

    static boolean isTable(String name) {
        return name.endsWith(".parquet");
    }

    /** Whether a file has both columns, with types that can be read. */
    static boolean hasPictures(String path, ImageColumns columns) throws IOException {
        MessageType schema = ParquetRows.about(path).getSchema();
        return imageColumn(schema, columns.image()) != null && labelColumn(schema, columns.label()) != null;
    }

    /**
     * Reads the labels alone.
     *
     * @throws UserException if a column is missing, or a label has no name although others do
     */
    static Labels labels(String path, ImageColumns columns) throws IOException {
        FileMetaData about = ParquetRows.about(path);
        MessageType schema = about.getSchema();
        requireColumns(path, schema, columns);
        Type column = labelColumn(schema, columns.label());
        boolean areNumbers = isNumber(column);
        List<String> names = areNumbers ? names(path, about, columns.label()) : List.of();
        TreeSet<String> labels = new TreeSet<>();
        ParquetRows.read(path, new MessageType(schema.getName(), column), (row, number) -> {
            String label = label(row, 0, areNumbers);
            if (label != null && labels.add(label) && !names.isEmpty() && Long.parseLong(label) >= names.size()) {
                throw new UserException("Cannot read " + path + ": expected labels below " + names.size()
                        + ", the number of names that the file gives its classes, found " + label + " in row " + number
                        + ". Repair the file.");
            }
            return true;
        });
        return new Labels(List.copyOf(labels), areNumbers, names);
    }

    static void read(String path, ImageColumns columns, Sink sink) throws IOException {
        MessageType schema = ParquetRows.about(path).getSchema();
        requireColumns(path, schema, columns);
        Type image = imageColumn(schema, columns.image());
        Type label = labelColumn(schema, columns.label());
        boolean areNumbers = isNumber(label);
        ParquetRows.read(path, new MessageType(schema.getName(), image, label), (row, number) -> {
            sink.accept(label(row, 1, areNumbers), picture(row), number);
            return true;
        });
    }

    private static byte[] picture(Group row) {
        if (row.getFieldRepetitionCount(0) == 0) {
            return new byte[0];
        }
        if (row.getType().getType(0).isPrimitive()) {
            return row.getBinary(0, 0).getBytes();
        }
        Group image = row.getGroup(0, 0);
        return image.getFieldRepetitionCount(0) == 0
                ? new byte[0]
                : image.getBinary(0, 0).getBytes();
    }

    private static String label(Group row, int column, boolean isNumber) {
        if (row.getFieldRepetitionCount(column) == 0) {
            return null;
        }
        if (!isNumber) {
            return row.getString(column, 0);
        }
        long number = Long.parseLong(row.getValueToString(column, 0));
        return number < 0 ? null : Long.toString(number);
    }

    private static void requireColumns(String path, MessageType schema, ImageColumns columns) {
        if (imageColumn(schema, columns.image()) == null || labelColumn(schema, columns.label()) == null) {
            List<String> found = new ArrayList<>();
            schema.getFields().forEach(field -> found.add(field.toString().replaceAll("\\s+", " ")));
            throw new UserException("Cannot read " + path + ": expected a column '" + columns.image()
                    + "' of pictures (bytes, or a structure with a field 'bytes') and a column '" + columns.label()
                    + "' of labels (whole numbers or strings), found " + String.join(", ", found)
                    + ". Name the columns with --image-column and --label-column.");
        }
    }

    /** The column with nothing but the bytes, or null if there is none. */
    private static Type imageColumn(MessageType schema, String name) {
        if (!schema.containsField(name) || schema.getType(name).isRepetition(Type.Repetition.REPEATED)) {
            return null;
        }
        Type column = schema.getType(name);
        if (column.isPrimitive()) {
            return isBinary(column) ? column : null;
        }
        GroupType structure = column.asGroupType();
        return structure.containsField(BYTES) && isBinary(structure.getType(BYTES))
                ? new GroupType(column.getRepetition(), name, structure.getType(BYTES))
                : null;
    }

    private static Type labelColumn(MessageType schema, String name) {
        if (!schema.containsField(name)) {
            return null;
        }
        Type column = schema.getType(name);
        return isNumber(column) || isBinary(column) ? column : null;
    }

    private static boolean isBinary(Type column) {
        return is(column, PrimitiveTypeName.BINARY);
    }

    private static boolean isNumber(Type column) {
        return is(column, PrimitiveTypeName.INT32) || is(column, PrimitiveTypeName.INT64);
    }

    private static boolean is(Type column, PrimitiveTypeName type) {
        return column.isPrimitive()
                && column.asPrimitiveType().getPrimitiveTypeName() == type
                && !column.isRepetition(Type.Repetition.REPEATED);
    }

    private static List<String> names(String path, FileMetaData about, String label) {
        String note = about.getKeyValueMetaData().get(HUB);
        if (note == null) {
            return List.of();
        }
        JsonNode hub = Json.parse(note, JsonNode.class, path + ", its note '" + HUB + "'");
        JsonNode features = hub.has("info") ? hub.path("info").path("features") : hub.path("features");
        List<String> names = new ArrayList<>();
        features.path(label).path("names").forEach(name -> names.add(name.asText()));
        return names;
    }
}

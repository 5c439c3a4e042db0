package org.seqpe.data.corpus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.seqpe.core.UserException;

/** The text column of Parquet files, row by row in the order of the file; other columns are not read. */
final class ParquetText {

    /** Takes rows in order. */
    @FunctionalInterface
    interface RowSink {
        /** @return whether to continue */
        boolean accept(byte[] text, long row) throws IOException;
    }

    private ParquetText() {}

    /**
     * Passes on the texts of a file; a null becomes an empty text.
     *
     * @throws UserException if it is not a Parquet file or has no such column of strings
     */
    static void read(String path, String column, RowSink sink) throws IOException {
        ParquetRows.read(path, projection(path, column), (row, number) -> {
            byte[] text = row.getFieldRepetitionCount(0) == 0
                    ? new byte[0]
                    : row.getBinary(0, 0).getBytes();
            return sink.accept(text, number);
        });
    }

    private static MessageType projection(String path, String column) throws IOException {
        MessageType schema = ParquetRows.about(path).getSchema();
        if (schema.containsField(column)) {
            Type type = schema.getType(column);
            if (type.isPrimitive()
                    && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
                    && !type.isRepetition(Type.Repetition.REPEATED)) {
                return new MessageType(schema.getName(), type);
            }
        }
        List<String> columns = new ArrayList<>();
        schema.getFields().forEach(field -> columns.add(field.toString()));
        throw new UserException("Cannot read " + path + ": expected a column '" + column + "' of strings, found "
                + String.join(", ", columns) + ". Name the column with --text-column.");
    }

    static Document.Place place(InputFile file, long row) {
        return at -> file.path() + ", row " + row + ", byte " + at + " of its text";
    }
}

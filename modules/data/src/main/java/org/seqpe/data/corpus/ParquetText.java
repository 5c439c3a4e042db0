package org.seqpe.data.corpus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

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
        Configuration configuration =
                new Configuration(HadoopFiles.fileSystem(path).getConf());
        configuration.set(
                ReadSupport.PARQUET_READ_SCHEMA,
                projection(path, column, configuration).toString());
        try (ParquetReader<Group> reader = ParquetReader.builder(
                        new GroupReadSupport(), HadoopFiles.hadoopPath(HadoopFiles.qualified(path)))
                .withConf(configuration)
                .build()) {
            long row = 0;
            for (Group group = reader.read(); group != null; group = reader.read()) {
                byte[] text = group.getFieldRepetitionCount(0) == 0
                        ? new byte[0]
                        : group.getBinary(0, 0).getBytes();
                if (!sink.accept(text, row++)) {
                    return;
                }
            }
        }
    }

    private static MessageType projection(String path, String column, Configuration configuration) throws IOException {
        MessageType schema;
        try (ParquetFileReader file = ParquetFileReader.open(
                HadoopInputFile.fromPath(HadoopFiles.hadoopPath(HadoopFiles.qualified(path)), configuration))) {
            schema = file.getFooter().getFileMetaData().getSchema();
        } catch (RuntimeException e) {
            throw new UserException("Cannot read " + path + ": it is no Parquet file (" + e.getMessage() + ").", e);
        }
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

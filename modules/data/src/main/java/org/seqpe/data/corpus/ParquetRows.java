package org.seqpe.data.corpus;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.ParquetRuntimeException;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/** Rows of Parquet files, in the order of the file; columns that are not asked for are not read. */
public final class ParquetRows {

    /** Takes rows in order. */
    @FunctionalInterface
    public interface Sink {
        /** @return whether to continue */
        boolean accept(Group row, long number) throws IOException;
    }

    private ParquetRows() {}

    /**
     * The schema of a file and what its writer noted.
     *
     * @throws UserException if it is not a Parquet file
     */
    public static FileMetaData about(String path) throws IOException {
        try (ParquetFileReader file = ParquetFileReader.open(
                HadoopInputFile.fromPath(HadoopFiles.hadoopPath(HadoopFiles.qualified(path)), configuration(path)))) {
            return file.getFooter().getFileMetaData();
        } catch (RuntimeException e) {
            throw new UserException("Cannot read " + path + ": it is no Parquet file (" + e.getMessage() + ").", e);
        }
    }

    /**
     * Passes on the rows of a file.
     *
     * @param columns the columns to read, each of the type that the file gives it
     * @throws UserException if the rows are damaged
     */
    public static void read(String path, MessageType columns, Sink sink) throws IOException {
        Configuration configuration = configuration(path);
        configuration.set(ReadSupport.PARQUET_READ_SCHEMA, columns.toString());
        try (ParquetReader<Group> reader = ParquetReader.builder(
                        new GroupReadSupport(), HadoopFiles.hadoopPath(HadoopFiles.qualified(path)))
                .withConf(configuration)
                .build()) {
            long number = 0;
            for (Group row = reader.read(); row != null; row = reader.read()) {
                if (!sink.accept(row, number++)) {
                    return;
                }
            }
        } catch (ParquetRuntimeException e) {
            throw new UserException(
                    "Cannot read " + path + ": its rows are damaged (" + e.getMessage() + "). Fetch the file again.",
                    e);
        }
    }

    private static Configuration configuration(String path) {
        return new Configuration(HadoopFiles.fileSystem(path).getConf());
    }
}

package org.seqpe.core.events;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.seqpe.core.io.HadoopFiles;

/**
 * TensorBoard's event files in a folder: scalars by step. Each process writes a new file, so that no storage needs to
 * support appending. The file begins with a record that makes TensorBoard drop the steps of earlier files that will be
 * computed again. A file is a sequence of TFRecords (length, its masked CRC-32C, data, its masked CRC-32C; little
 * endian), the data Event protocol buffers ({@link EventMessages}).
 */
public final class EventFiles implements AutoCloseable {
    private static final String PREFIX = "events.out.tfevents.";
    private final String folder;
    private FSDataOutputStream file;
    private long firstStep;
    private boolean starting = true;

    /** Nothing is written before the first {@link #scalars}. */
    public EventFiles(String folder) {
        this.folder = folder;
    }

    /** Continues after this step: TensorBoard is told to discard whatever was written about later steps. */
    public void restartAfter(long step) {
        firstStep = step + 1;
        starting = true;
    }

    /**
     * Writes the values of a step. If the storage can show unfinished files, it returns once other processes can read
     * them.
     *
     * @param values by tag
     */
    public void scalars(long step, Map<String, ? extends Number> values) {
        try {
            if (file == null) {
                file = open();
                write(EventMessages.version(now()));
            }
            if (starting) {
                write(EventMessages.start(now(), firstStep));
                starting = false;
            }
            write(EventMessages.scalars(now(), step, values));
            file.flush();
            if (file.hasCapability("hflush")) {
                file.hflush();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Numbered, because TensorBoard reads a folder's files in the order of their names. */
    private FSDataOutputStream open() {
        HadoopFiles.createFolders(folder);
        long last = HadoopFiles.list(folder).stream()
                .map(HadoopFiles.Entry::name)
                .filter(name -> name.matches("events\\.out\\.tfevents\\.\\d{1,18}"))
                .mapToLong(name -> Long.parseLong(name.substring(PREFIX.length())))
                .max()
                .orElse(0);
        return HadoopFiles.create(HadoopFiles.resolve(folder, PREFIX + String.format(Locale.ROOT, "%010d", last + 1)));
    }

    private void write(byte[] event) throws IOException {
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(event.length)
                .array();
        ByteBuffer record = ByteBuffer.allocate(length.length + event.length + 2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        record.put(length).putInt(maskedCrc(length)).put(event).putInt(maskedCrc(event));
        file.write(record.array());
    }

    /**
     * CRC-32C rotated by 15 bits plus a constant, so that the checksum of data that contains checksums is not
     * degenerate (TensorFlow's crc32c.h).
     */
    private static int maskedCrc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static double now() {
        return System.currentTimeMillis() * 1e-3;
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException("Cannot write TensorBoard's events to " + folder + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                throw failure(e);
            } finally {
                file = null;
            }
        }
    }
}

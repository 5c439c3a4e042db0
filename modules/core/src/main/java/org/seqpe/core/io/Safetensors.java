package org.seqpe.core.io;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.seqpe.core.UserException;

/**
 * Named float32 tensors in one file of the safetensors format (github.com/huggingface/safetensors): 8 bytes
 * little-endian header length, a JSON header of dtype, shape and byte range for each name, then the values,
 * little-endian and row-major. Values stream through chunks of 256 K numbers, so files may be larger than memory and
 * than 2 GB.
 */
public final class Safetensors {
    private static final int CHUNK = 1 << 18;
    private static final int MAX_HEADER = 100_000_000;
    private static final String METADATA = "__metadata__";

    private Safetensors() {}

    /** A tensor to be written. */
    public interface Source {
        String name();

        /** Dimensions; their product is the number of values. */
        long[] shape();

        /** Copies the {@code count} values from {@code offset} on to the start of {@code target}. */
        void read(long offset, int count, float[] target);
    }

    /**
     * Receives a tensor's values in order: {@code count} values from the start of {@code chunk} belong at
     * {@code offset}.
     */
    @FunctionalInterface
    public interface Sink {
        void write(long offset, int count, float[] chunk);
    }

    /** A tensor that is an array; {@code values} are not copied. */
    public static Source of(String name, float[] values, long... shape) {
        if (count(shape) != values.length) {
            throw new IllegalArgumentException("Cannot make the tensor " + name + ": expected " + count(shape)
                    + " values, found " + values.length);
        }
        return new Source() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public long[] shape() {
                return shape.clone();
            }

            @Override
            public void read(long offset, int count, float[] target) {
                System.arraycopy(values, (int) offset, target, 0, count);
            }
        };
    }

    /** Writes tensors in the given order to a stream, which stays open. */
    public static void write(OutputStream out, List<? extends Source> tensors, Map<String, String> metadata)
            throws IOException {
        byte[] header = header(tensors, metadata);
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.write(bytes.putLong(header.length).array(), 0, Long.BYTES);
        out.write(header);
        FloatBuffer floats = bytes.clear().asFloatBuffer();
        float[] chunk = new float[CHUNK];
        for (Source tensor : tensors) {
            long total = count(tensor.shape());
            for (long offset = 0; offset < total; offset += CHUNK) {
                int count = (int) Math.min(CHUNK, total - offset);
                tensor.read(offset, count, chunk);
                floats.clear().put(chunk, 0, count);
                out.write(bytes.array(), 0, count * Float.BYTES);
            }
        }
    }

    private static byte[] header(List<? extends Source> tensors, Map<String, String> metadata) {
        ObjectNode header = JsonNodeFactory.instance.objectNode();
        if (!metadata.isEmpty()) {
            header.set(METADATA, Json.tree(metadata));
        }
        long offset = 0;
        for (Source tensor : tensors) {
            if (header.has(tensor.name())) {
                throw new IllegalArgumentException("Cannot write two tensors of the name " + tensor.name());
            }
            long end = offset + count(tensor.shape()) * Float.BYTES;
            ObjectNode entry = header.putObject(tensor.name()).put("dtype", "F32");
            entry.set("shape", Json.tree(tensor.shape()));
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        String json = Json.line(header);
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        // Padding to 8 bytes lets readers map the values in place.
        return (json + " ".repeat(-length & 7)).getBytes(StandardCharsets.UTF_8);
    }

    static long count(long[] shape) {
        long count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }

    /**
     * A tensor of a file.
     *
     * @param offset offset of its first byte in the file
     */
    private record Entry(long[] shape, long offset) {}

    /** Reads the header of a file; the values are read on demand. */
    public static Reader open(String path) {
        FSDataInputStream in = HadoopFiles.open(path);
        try {
            return new Reader(path, in);
        } catch (IOException | RuntimeException e) {
            try {
                in.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e instanceof RuntimeException unchecked
                    ? unchecked
                    : new UncheckedIOException("Cannot read " + path + ": " + e.getMessage(), (IOException) e);
        }
    }

    /** An open file. Not for several threads at once. */
    public static final class Reader implements AutoCloseable {
        private final String path;
        private final FSDataInputStream in;
        private final Map<String, Entry> entries = new LinkedHashMap<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();

        private Reader(String path, FSDataInputStream in) throws IOException {
            this.path = path;
            this.in = in;
            long fileLength = HadoopFiles.length(path);
            if (fileLength < Long.BYTES) {
                throw broken("expected a header, found " + fileLength + " bytes");
            }
            byte[] start = new byte[Long.BYTES];
            in.readFully(0, start);
            long headerLength =
                    ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (headerLength < 2 || headerLength > Math.min(MAX_HEADER, fileLength - Long.BYTES)) {
                throw broken(
                        "expected a header length within the file's " + fileLength + " bytes, found " + headerLength);
            }
            byte[] header = new byte[(int) headerLength];
            in.readFully(Long.BYTES, header);
            SafetensorsHeader content =
                    SafetensorsHeader.parse(header, fileLength - Long.BYTES - headerLength, this::broken);
            content.tensors()
                    .forEach(tensor -> entries.put(
                            tensor.name(), new Entry(tensor.shape(), Long.BYTES + headerLength + tensor.begin())));
            metadata.putAll(content.metadata());
        }

        private UserException broken(String problem) {
            return new UserException("Cannot read " + path + ": it is truncated or no float32 safetensors file ("
                    + problem + "). Restore the file, or write it again.");
        }

        /** Names in the order of the file. */
        public List<String> names() {
            return new ArrayList<>(entries.keySet());
        }

        public Map<String, String> metadata() {
            return Collections.unmodifiableMap(metadata);
        }

        public long[] shape(String name) {
            return entry(name).shape.clone();
        }

        /** Streams one tensor's values to the sink. */
        public void read(String name, Sink sink) {
            Entry entry = entry(name);
            long total = count(entry.shape);
            byte[] bytes = new byte[(int) Math.min(CHUNK, total) * Float.BYTES];
            float[] chunk = new float[(int) Math.min(CHUNK, total)];
            FloatBuffer floats =
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            try {
                in.seek(entry.offset);
                for (long offset = 0; offset < total; offset += CHUNK) {
                    int count = (int) Math.min(CHUNK, total - offset);
                    in.readFully(bytes, 0, count * Float.BYTES);
                    floats.clear().get(chunk, 0, count);
                    sink.write(offset, count, chunk);
                }
            } catch (EOFException e) {
                throw broken("it ends inside tensor " + name);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read tensor " + name + " of " + path + ": " + e.getMessage(), e);
            }
        }

        /** Reads {@code count} of a tensor's values from {@code offset} on to the start of {@code target}. */
        public void read(String name, long offset, int count, float[] target) {
            byte[] bytes = new byte[count * Float.BYTES];
            try {
                in.readFully(entry(name).offset + offset * Float.BYTES, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read tensor " + name + " of " + path + ": " + e.getMessage(), e);
            }
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(target, 0, count);
        }

        /** One tensor's values as an array. */
        public float[] read(String name) {
            float[] values = new float[Math.toIntExact(count(entry(name).shape))];
            read(name, (offset, count, chunk) -> System.arraycopy(chunk, 0, values, (int) offset, count));
            return values;
        }

        private Entry entry(String name) {
            Entry entry = entries.get(name);
            if (entry == null) {
                throw new UserException(
                        "Cannot read tensor " + name + " of " + path + ": the file holds " + names() + ".");
            }
            return entry;
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot close " + path, e);
            }
        }
    }
}

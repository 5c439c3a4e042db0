package org.seqpe.spark.train;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.Checkpoints;
import org.seqpe.core.Json;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Safetensors;
import org.seqpe.spark.ExecutorFiles;

/**
 * One replica's moments in a checkpoint: a safetensors file with one tensor, the optimizer's state as the flat vector that DL4J keeps. Written
 * and read by executors; moments do not pass through the driver.
 */
final class MomentsFile {
    private static final String TENSOR = "moments";

    private MomentsFile() {
    }

    /** The file's name in a checkpoint. */
    static String name(int replica) {
        return String.format("moments-%04d.safetensors", replica);
    }

    /** Fills a vector from a file. */
    static void read(String path, FloatMemory target) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            if (length(reader) != target.length()) {
                throw new IllegalStateException("Cannot restore moments from " + path + ": expected length " + target.length() + ", found " + length(reader));
            }
            reader.read(TENSOR, (offset, count, chunk) -> target.write(offset, chunk, count));
        }
    }

    private static long length(Safetensors.Reader reader) {
        return reader.shape(TENSOR)[0];
    }

    /** Elements of the moments in a file. */
    static long length(String path) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            return length(reader);
        }
    }

    /** Reads {@code count} elements from {@code offset} on. */
    static void read(String path, long offset, int count, float[] target) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            reader.read(TENSOR, offset, count, target);
        }
    }

    /**
     * Writes the moments of every replica to a folder, one task each.
     *
     * @param moments by replica number
     */
    static List<Checkpoints.FileEntry> writeAll(JavaSparkContext context, List<SavedMoments.Blocks> moments, String folder) {
        List<Integer> replicas = IntStream.range(0, moments.size()).boxed().toList();
        return context.parallelize(replicas, replicas.size()).map(replica -> {
            ExecutorFiles.useSparksSettings();
            return Json.line(write(moments.get(replica), folder, name(replica)));
        }).collect().stream().map(entry -> Json.parse(entry, Checkpoints.FileEntry.class, "a task's report")).toList();
    }

    /** Attempts of one task, and executors that outlive a killed driver, write files of their own; equal content makes it irrelevant which is renamed last. */
    private static Checkpoints.FileEntry write(SavedMoments.Blocks moments, String folder, String name) {
        String attempt = name + "." + SparkEnv.get().conf().getAppId() + "." + TaskContext.get().taskAttemptId();
        Checkpoints.FileEntry written = Checkpoints.writeFile(folder, attempt, out -> write(moments, out));
        HadoopFiles.rename(HadoopFiles.resolve(folder, attempt), HadoopFiles.resolve(folder, name));
        return new Checkpoints.FileEntry(name, written.bytes(), written.sha256());
    }

    private static void write(SavedMoments.Blocks moments, OutputStream out) throws IOException {
        Safetensors.write(out, List.of(new StoredTensor(moments)), Map.of());
    }

    /** Reads a stored vector chunk by chunk. */
    private record StoredTensor(SavedMoments.Blocks moments) implements Safetensors.Source {
        @Override
        public String name() {
            return TENSOR;
        }

        @Override
        public long[] shape() {
            return new long[] {moments.length()};
        }

        @Override
        public void read(long offset, int count, float[] target) {
            moments.read(offset, count, target);
        }
    }
}

package org.seqpe.spark.moments;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.core.io.NamedArray;
import org.seqpe.core.io.Safetensors;
import org.seqpe.core.io.VectorFile;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.spark.ExecutorFiles;
import org.seqpe.spark.vectors.FloatMemory;

/**
 * One replica's moments in a checkpoint: a safetensors file with one tensor, the optimizer's state as the flat vector
 * that DL4J keeps. Written and read by executors; moments do not pass through the driver.
 */
public final class MomentsFile {
    private static final String TENSOR = "moments";
    private static final Pattern NAME = Pattern.compile("moments-(\\p{Nd}{4,9})\\.safetensors");

    private MomentsFile() {}

    /** The file's name in a checkpoint. */
    static String name(int replica) {
        return String.format(Locale.ROOT, "moments-%04d.safetensors", replica);
    }

    /**
     * Path of a replica's moments in a checkpoint. A run under a locale with digits of its own has named it with them.
     *
     * @throws UserException if the checkpoint has none
     */
    public static String in(Checkpoints.Checkpoint checkpoint, int replica) {
        return checkpoint.manifest().files().stream()
                .map(Checkpoints.FileEntry::name)
                .filter(name -> isOf(name, replica))
                .map(checkpoint::file)
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot use the checkpoint " + checkpoint.folder()
                        + ": expected the file " + name(replica) + " in its checkpoint.json, found none."));
    }

    private static boolean isOf(String name, int replica) {
        Matcher number = NAME.matcher(name);
        return number.matches() && Integer.parseInt(number.group(1)) == replica;
    }

    /**
     * Fills a vector from a file.
     *
     * @throws UserException if the file's moments have another length
     */
    public static void read(String path, FloatMemory target) {
        VectorFile.read(path, arrays(target.length()), target::write);
    }

    private static List<NamedArray> arrays(long length) {
        return List.of(new NamedArray(TENSOR, 0, List.of(length)));
    }

    /** Elements of the moments in a file. */
    public static long length(String path) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            return reader.shape(TENSOR)[0];
        }
    }

    /** Reads {@code count} elements from {@code offset} on. */
    public static void read(String path, long offset, int count, float[] target) {
        try (Safetensors.Reader reader = Safetensors.open(path)) {
            reader.read(TENSOR, offset, count, target);
        }
    }

    /**
     * Writes the moments of every replica to a folder, one task each.
     *
     * @param moments by replica number
     */
    public static List<Checkpoints.FileEntry> writeAll(
            JavaSparkContext context, List<SavedMoments.Blocks> moments, String folder) {
        List<Integer> replicas = IntStream.range(0, moments.size()).boxed().toList();
        return context
                .parallelize(replicas, replicas.size())
                .map(replica -> {
                    ExecutorFiles.useSparksSettings();
                    return Json.line(write(moments.get(replica), folder, name(replica)));
                })
                .collect()
                .stream()
                .map(entry -> Json.parse(entry, Checkpoints.FileEntry.class, "a task's report"))
                .toList();
    }

    /**
     * Attempts of one task, and executors that outlive a killed driver, write files of their own; equal content makes
     * it irrelevant which is renamed last.
     */
    private static Checkpoints.FileEntry write(SavedMoments.Blocks moments, String folder, String name) {
        String attempt = name + "." + SparkEnv.get().conf().getAppId() + "."
                + TaskContext.get().taskAttemptId();
        Checkpoints.FileEntry written = Checkpoints.writeFile(
                folder, attempt, out -> VectorFile.write(out, arrays(moments.length()), moments::read));
        HadoopFiles.rename(HadoopFiles.resolve(folder, attempt), HadoopFiles.resolve(folder, name));
        return new Checkpoints.FileEntry(name, written.bytes(), written.sha256());
    }
}

package org.seqpe.spark.sweep;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.seqpe.core.UserException;
import org.seqpe.evaluation.PeakMemory;
import org.seqpe.spark.ExecutorFiles;
import org.seqpe.spark.JobResults;
import org.seqpe.spark.cluster.LostDevice;

/** Runs a {@link RangeTask} on Spark's executors, one job for a measurement, a range of its units a task. */
final class RangeJob {
    /**
     * More than one, so that no slot idles long while the last tasks end; few, since each loads the model and encodes
     * the positions.
     */
    private static final int TASKS_PER_SLOT = 2;

    /** Units [from, to). Kryo cannot fill records, so these are sent by Java serialization. */
    @DefaultSerializer(JavaSerializer.class)
    private record Range(long from, long to) implements Serializable {}

    /**
     * What a task found.
     *
     * @param peakMemoryBytes of the executor's process; negative where the system does not say
     * @param failure why there is no value, where another try would end the same way; else null
     */
    @DefaultSerializer(JavaSerializer.class)
    private record Part(Serializable value, long peakMemoryBytes, Failure failure) implements Serializable {}

    /**
     * A failure in words, since not every exception can travel.
     *
     * @param outOfMemory whether memory ran out
     */
    private record Failure(String message, boolean outOfMemory) implements Serializable {}

    /**
     * What all tasks found.
     *
     * @param values in the order of their units
     * @param peakMemoryBytes the most of a process; empty where the system does not say
     */
    record Found<V>(List<V> values, OptionalLong peakMemoryBytes) {}

    private final JavaSparkContext spark;

    RangeJob(JavaSparkContext spark) {
        this.spark = spark;
    }

    /**
     * Measures all units.
     *
     * @param what it does, for Spark's pages and messages
     * @param inputs of all units together
     * @param scored receives the number of inputs that are done
     * @param type of what the task returns
     * @throws UserException if a task says so
     * @throws OutOfMemoryError if a task's memory runs out
     */
    <V extends Serializable> Found<V> run(
            String what, long units, long inputs, RangeTask task, LongConsumer scored, Class<V> type) {
        LongAccumulator done = spark.sc().longAccumulator(what);
        List<Range> ranges = ranges(units, slots() * TASKS_PER_SLOT);
        spark.setJobDescription(what);
        try {
            long[] told = {0};
            List<Part> parts = JobResults.await(
                    what,
                    spark.parallelize(ranges, ranges.size())
                            .map(range -> LostDevice.endsTheExecutor(() -> part(task, range, done)))
                            .collectAsync(),
                    () -> {
                        // Tasks that are repeated count their inputs again.
                        long now = Math.min(inputs, done.value());
                        scored.accept(now - told[0]);
                        told[0] = now;
                    });
            List<V> values = new ArrayList<>();
            for (Part part : parts) {
                refuse(part.failure());
                values.add(type.cast(part.value()));
            }
            scored.accept(inputs - told[0]);
            return new Found<>(
                    values,
                    parts.stream()
                            .mapToLong(Part::peakMemoryBytes)
                            .filter(bytes -> bytes >= 0)
                            .max());
        } finally {
            spark.setJobDescription(null);
        }
    }

    private static void refuse(Failure failure) {
        if (failure != null) {
            if (failure.outOfMemory()) {
                throw new OutOfMemoryError(failure.message());
            }
            throw new UserException(failure.message());
        }
    }

    private int slots() {
        return Math.max(1, spark.defaultParallelism() / spark.getConf().getInt("spark.task.cpus", 1));
    }

    /** Up to {@code most} ranges that differ by at most one unit. */
    private static List<Range> ranges(long units, int most) {
        int count = (int) Math.min(units, most);
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ranges.add(new Range(units * i / count, units * (i + 1) / count));
        }
        return ranges;
    }

    private static Part part(RangeTask task, Range range, LongAccumulator done) {
        ExecutorFiles.useSparksSettings();
        PeakMemory.reset();
        try {
            Serializable value = task.measure(range.from(), range.to(), done::add);
            return new Part(value, PeakMemory.bytes().orElse(-1), null);
        } catch (UserException e) {
            return failed(e, false);
        } catch (OutOfMemoryError e) {
            // Thrown further, it would end the executor, and then the next one.
            return failed(e, true);
        }
    }

    private static Part failed(Throwable reason, boolean outOfMemory) {
        return new Part(null, -1, new Failure(String.valueOf(reason.getMessage()), outOfMemory));
    }
}

package org.seqpe.spark.sweep;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.util.LongAccumulator;
import org.seqpe.core.UserException;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.PeakMemory;
import org.seqpe.evaluation.text.Evaluator;
import org.seqpe.evaluation.text.TokenScorer;
import org.seqpe.evaluation.text.WindowPlan;
import org.seqpe.spark.ExecutorFiles;
import org.seqpe.spark.cluster.LostDevice;

/** Scores consecutive batches of a plan. Model and position vectors are made once for all of them. */
record ScoringTask(ScoredRun run, WindowPlan plan, int batchTokens, LongAccumulator inputs) implements Serializable {

    /** Batches [from, to). Kryo cannot fill records, so these are sent by Java serialization. */
    @DefaultSerializer(JavaSerializer.class)
    record Batches(long from, long to) implements Serializable {}

    /**
     * What a task found.
     *
     * @param losses of each batch, as {@link Evaluator#losses} gives them
     * @param peakMemoryBytes of the executor's process; negative where the system does not say
     * @param failure why there are none, where another try would end the same way; else null
     */
    @DefaultSerializer(JavaSerializer.class)
    record Result(List<float[]> losses, long peakMemoryBytes, Failure failure) implements Serializable {}

    /**
     * A failure in words, since not every exception can travel.
     *
     * @param outOfMemory whether memory ran out
     */
    record Failure(String message, boolean outOfMemory) implements Serializable {}

    Result call(Batches batches) {
        return LostDevice.endsTheExecutor(() -> score(batches));
    }

    private Result score(Batches batches) {
        ExecutorFiles.useSparksSettings();
        PeakMemory.reset();
        List<float[]> losses = new ArrayList<>();
        try (TokenSplit split = run.openTokens();
                TokenScorer scorer = run.openScorer()) {
            Evaluator evaluator = new Evaluator(scorer, split, plan, batchTokens);
            for (long i = batches.from(); i < batches.to(); i++) {
                losses.add(evaluator.losses(i));
                WindowPlan.Window[] windows = plan.batch(i, batchTokens);
                inputs.add((long) windows.length * windows[0].inputs());
            }
        } catch (UserException e) {
            return failed(e, false);
        } catch (OutOfMemoryError e) {
            // Thrown further, it would end the executor, and then the next one.
            return failed(e, true);
        }
        return new Result(losses, PeakMemory.bytes().orElse(-1), null);
    }

    private static Result failed(Throwable reason, boolean outOfMemory) {
        return new Result(List.of(), -1, new Failure(String.valueOf(reason.getMessage()), outOfMemory));
    }
}

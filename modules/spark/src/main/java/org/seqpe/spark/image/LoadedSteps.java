package org.seqpe.spark.image;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.data.StepPlan;
import org.seqpe.data.image.batch.TrainingPictures;
import org.seqpe.model.Grid;
import org.seqpe.model.image.ImageTask;
import org.seqpe.model.image.Patches;
import org.seqpe.spark.round.StepData;

/**
 * The steps of a replica's round. While one is trained on, the next are made by {@link LoaderThreads}, as many as a
 * bound of memory allows.
 */
final class LoadedSteps implements Iterator<DataSet>, AutoCloseable {
    /** A step that is being made, or is ready. */
    private static final class Step {
        private final float[][] views;
        private final float[] features;
        private final float[] labels;
        private CompletableFuture<?> ready;

        private Step(float[][] views, float[] features, float[] labels) {
            this.views = views;
            this.features = features;
            this.labels = labels;
        }
    }

    private final TrainingPictures pictures;
    private final StepPlan plan;
    private final ImageTask task;
    private final ExecutorService threads;
    private final int replica;
    private final long firstSample;
    private final int steps;
    private final int ahead;
    private final StepData data;
    private final Deque<Step> begun = new ArrayDeque<>();
    private final Deque<Step> free = new ArrayDeque<>();
    private int started;
    private int taken;
    private volatile boolean closed;

    /**
     * @param firstSample samples that all replicas have taken before
     * @param steps of the round
     * @param bytes most memory of steps that are ready or being made; one is made in advance in any case
     */
    LoadedSteps(
            TrainingPictures pictures,
            ImageTask task,
            ExecutorService threads,
            int replica,
            long firstSample,
            int steps,
            long bytes) {
        this.pictures = pictures;
        this.plan = pictures.plan();
        this.task = task;
        this.threads = threads;
        this.replica = replica;
        this.firstSample = firstSample;
        this.steps = steps;
        // Views and the patches cut out of them.
        long ofStep = 2L * rows() * pictures.viewLength() * Float.BYTES;
        this.ahead = (int) Math.max(1, Math.min(steps, bytes / ofStep));
        this.data = new StepData(rows(), task.featureSize(), task.labelSize());
        while (started < Math.min(ahead, steps)) {
            start();
        }
    }

    private int rows() {
        return plan.accumulation() * plan.batch();
    }

    @Override
    public boolean hasNext() {
        return taken < steps;
    }

    @Override
    public DataSet next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Step step = begun.remove();
        await(step);
        taken++;
        DataSet filled = data.fill(step.features, step.labels);
        free.add(step);
        if (started < steps) {
            start();
        }
        return filled;
    }

    private static void await(Step step) {
        try {
            step.ready.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for pictures", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("Cannot make a step's pictures: " + e.getCause(), e.getCause());
        }
    }

    private void start() {
        Step step = free.isEmpty()
                ? new Step(
                        new float[plan.accumulation()][plan.batch() * pictures.viewLength()],
                        new float[rows() * task.featureSize()],
                        new float[rows() * task.labelSize()])
                : free.remove();
        long position = firstSample + started * plan.samplesPerStep();
        CompletableFuture<?>[] microBatches = new CompletableFuture<?>[plan.accumulation()];
        for (int i = 0; i < microBatches.length; i++) {
            microBatches[i] = load(step, i, plan.place(position, replica, i, 0));
        }
        step.ready = CompletableFuture.allOf(microBatches);
        begun.add(step);
        started++;
    }

    private CompletableFuture<?> load(Step step, int microBatch, long firstPlace) {
        CompletableFuture<?>[] rows = new CompletableFuture<?>[plan.batch()];
        int[] classes = new int[rows.length];
        for (int row = 0; row < rows.length; row++) {
            int at = row;
            rows[row] = CompletableFuture.runAsync(
                    () -> {
                        if (!closed) {
                            classes[at] =
                                    pictures.write(firstPlace + at, step.views[microBatch], at * pictures.viewLength());
                        }
                    },
                    threads);
        }
        return CompletableFuture.allOf(rows).thenRunAsync(() -> finish(step, microBatch, firstPlace, classes), threads);
    }

    private void finish(Step step, int microBatch, long firstPlace, int[] classes) {
        if (closed) {
            return;
        }
        float[] views = step.views[microBatch];
        float share = (float) pictures.mix(firstPlace, views);
        Patches patches = task.patches();
        Grid grid = task.grid();
        for (int row = 0; row < classes.length; row++) {
            int sample = microBatch * plan.batch() + row;
            patches.cut(views, row * pictures.viewLength(), grid, step.features, sample * task.featureSize());
            step.labels[sample * ImageTask.LABEL_SIZE] = classes[row];
            step.labels[sample * ImageTask.LABEL_SIZE + 1] = classes[pictures.partner(row)];
            step.labels[sample * ImageTask.LABEL_SIZE + 2] = share;
        }
    }

    /** Gives up what was begun: a task has failed or was killed. */
    @Override
    public void close() {
        closed = true;
    }
}

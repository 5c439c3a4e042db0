package org.seqpe.spark.sweep;

import java.io.Serializable;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.image.batch.EvaluationPictures;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.evaluation.Scored;
import org.seqpe.evaluation.image.ImagePoint;
import org.seqpe.evaluation.image.ImageRun;
import org.seqpe.evaluation.image.ImageScorer;
import org.seqpe.evaluation.image.ImageScoring;
import org.seqpe.evaluation.image.PictureEvaluator;
import org.seqpe.evaluation.image.PictureSums;
import org.seqpe.evaluation.image.SplitPictures;

/**
 * Classifies pictures with Spark's executors: one job for each run and resolution, a range of batches a task. Batches
 * are those of a sweep in one process, and sums are exact, so the numbers have the same bits.
 */
public final class ImageClusterScoring implements ImageScoring {
    private final RangeJob job;
    private final Map<String, ScoredImageRun> runs;
    private final EvaluationConfig evaluation;

    /**
     * @param runs by the names that the sweep's runs have
     * @param evaluation crop, most pictures and batch size
     */
    public ImageClusterScoring(JavaSparkContext spark, Map<String, ScoredImageRun> runs, EvaluationConfig evaluation) {
        HadoopFiles.use(spark.hadoopConfiguration());
        this.job = new RangeJob(spark);
        this.runs = Map.copyOf(runs);
        this.evaluation = evaluation;
    }

    /** The given scorer is not used: every task opens the run's model itself. */
    @Override
    public Scored<PictureSums> score(ImageRun run, ImageScorer scorer, ImagePoint point, LongConsumer scored) {
        int batch = evaluation.batchImages();
        RangeJob.Found<PictureSums> found = job.run(
                "measure " + run.name() + " at " + point.size(),
                (point.pictures() + batch - 1) / batch,
                point.inputs(),
                new Task(
                        runs.get(run.name()),
                        point.size(),
                        point.pictures(),
                        run.classes().size(),
                        evaluation),
                scored,
                PictureSums.class);
        PictureSums sums = new PictureSums(run.classes().size());
        found.values().forEach(sums::merge);
        return new Scored<>(sums, found.peakMemoryBytes());
    }

    private record Task(ScoredImageRun run, Resolution size, long pictures, int classes, EvaluationConfig evaluation)
            implements RangeTask {
        @Override
        public Serializable measure(long from, long to, LongConsumer done) {
            try (ImageSplit split = run.openSplit();
                    ImageScorer scorer = run.openScorer()) {
                SplitPictures source = new SplitPictures(new EvaluationPictures(
                        split, run.config().image(), evaluation.cropRatio(), evaluation.maxImages()));
                int batch = evaluation.batchImages();
                return new PictureEvaluator(scorer, source, classes, size, batch)
                        .sums(from * batch, Math.min(pictures, to * batch), done);
            }
        }
    }
}

package org.seqpe.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.image.batch.EvaluationPictures;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageManifest.PictureClass;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.evaluation.image.ImageCheckpointScorer;
import org.seqpe.evaluation.image.ImageRow;
import org.seqpe.evaluation.image.ImageRun;
import org.seqpe.evaluation.image.ImageScoring;
import org.seqpe.evaluation.image.ImageSweep;
import org.seqpe.evaluation.image.ImageView;
import org.seqpe.evaluation.image.SplitPictures;
import org.seqpe.spark.sweep.ImageClusterScoring;
import org.seqpe.spark.sweep.ScoredImageRun;

/** Measures image runs at resolutions. */
final class PictureSweep implements TaskSweep<ImageRow> {
    @Override
    public ImageView view() {
        return new ImageView();
    }

    @Override
    public List<ImageRow> run(
            List<SweptRun> runs,
            EvaluationConfig evaluation,
            String otherData,
            JavaSparkContext spark,
            Progress progress) {
        Map<String, ImageSplit> splits = new HashMap<>();
        try {
            List<ImageRun> sweepRuns = new ArrayList<>();
            Map<String, ScoredImageRun> scoredRuns = new HashMap<>();
            for (SweptRun run : runs) {
                ImageDataset dataset = dataset(run, otherData);
                RunConfig config = run.config().resolveClasses(dataset.classes().size());
                ImageSplit split = splits.computeIfAbsent(dataset.hash(), hash -> dataset.split(evaluation.split()));
                sweepRuns.add(new ImageRun(
                        run.label(),
                        new SplitPictures(new EvaluationPictures(
                                split, config.image(), evaluation.cropRatio(), evaluation.maxImages())),
                        names(dataset, config.image().classes()),
                        () -> ImageCheckpointScorer.open(config, DeviceSpec.ofDriver(config), run.model())));
                scoredRuns.put(
                        run.label(),
                        new ScoredImageRun(
                                config,
                                HadoopFiles.qualified(run.model()),
                                HadoopFiles.qualified(dataset.folder()),
                                dataset.hash(),
                                evaluation.split()));
            }
            ImageScoring scoring = spark == null
                    ? ImageScoring.here(evaluation.batchImages())
                    : new ImageClusterScoring(spark, scoredRuns, evaluation);
            return new ImageSweep(evaluation, scoring, progress, row -> {}).run(sweepRuns);
        } finally {
            splits.values().forEach(ImageSplit::close);
        }
    }

    /** The names of the model's classes. A model may have more classes than its data. */
    private static List<String> names(ImageDataset dataset, int classes) {
        List<String> names = new ArrayList<>(
                dataset.classes().stream().map(PictureClass::name).toList());
        for (int number = names.size(); number < classes; number++) {
            names.add("class " + number);
        }
        return names;
    }

    /**
     * Opens the dataset to measure on. The run's own data must be the data it was trained on; any other dataset must
     * have the same classes.
     */
    private static ImageDataset dataset(SweptRun run, String otherData) {
        ImageDataset own = ImageDataset.open(run.config().data().path());
        own.requireHash(run.folder().info().dataManifestSha256());
        if (otherData == null) {
            return own;
        }
        ImageDataset other = ImageDataset.open(otherData);
        List<String> expected = own.classes().stream().map(PictureClass::name).toList();
        List<String> found = other.classes().stream().map(PictureClass::name).toList();
        if (!found.equals(expected)) {
            throw new UserException("Cannot measure " + run.folder().path() + " on " + otherData + ": expected its "
                    + expected.size() + " classes, found " + found.size() + " classes, "
                    + (found.size() == expected.size() ? "of other names" : "not the same ones")
                    + "; prepare those pictures with the run's classes.");
        }
        return other;
    }
}

package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.image.augment.ContactSheet;
import org.seqpe.data.image.batch.EvaluationPictures;
import org.seqpe.data.image.batch.TrainingPictures;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;

/**
 * A picture to judge augmentation by: a row for each of some samples, first as evaluation sees it and then as training
 * sees it in its first epochs; and at the end, two batches of these samples as they are mixed.
 */
final class PictureSheet {
    private static final int SAMPLES = 8;
    private static final int ACROSS = 8;
    /** Batches that are tried until some are found that are mixed. */
    private static final int TRIES = 20;

    private static final int MIXED_ROWS = 2;

    private PictureSheet() {}

    /**
     * Writes the sheet of a dataset's training split, and says what its rows are.
     *
     * @param config of the augmentation
     * @param file a path that ends in .png
     */
    static void write(ImageDataset dataset, RunConfig config, String file, PrintWriter out) {
        if (!file.endsWith(".png")) {
            throw new UserException("Cannot write a contact sheet to " + file + ": expected a name that ends in .png.");
        }
        ImageConfig image = config.image();
        try (ImageSplit split = dataset.split(config.data().trainSplit())) {
            TrainingPictures training = new TrainingPictures(split, image, 1, 1, SAMPLES, config.seed());
            EvaluationPictures evaluation =
                    new EvaluationPictures(split, image, config.evaluation().cropRatio(), 0);
            List<float[]> views = new ArrayList<>();
            List<float[]> first = new ArrayList<>();
            List<String> rows = new ArrayList<>();
            for (long sample : samples(split, training)) {
                views.add(plain(evaluation, image, sample));
                for (int epoch = 0; epoch < ACROSS - 1; epoch++) {
                    views.add(training.view(epoch, sample));
                }
                first.add(views.get(views.size() - (ACROSS - 1)));
                rows.add(dataset.classes().get(split.label(sample)).name());
            }
            int mixed = addMixed(training, first, views);
            byte[] png = ContactSheet.png(views, image.size(), image, ACROSS);
            HadoopFiles.writeAtomically(file, target -> target.write(png));
            out.println("sheet        " + file + ": rows of " + String.join(", ", rows)
                    + "; each as evaluation sees it, then in " + (ACROSS - 1) + " epochs of training"
                    + (mixed == 0 ? "" : "; then " + mixed + " rows of mixed batches"));
        }
    }

    /** Samples of different classes where there are enough, in the order of training. */
    private static List<Long> samples(ImageSplit split, TrainingPictures training) {
        Map<Integer, Long> byClass = new LinkedHashMap<>();
        List<Long> others = new ArrayList<>();
        for (long place = 0; place < split.size() && byClass.size() < SAMPLES; place++) {
            long sample = training.plan().order().at(place);
            if (byClass.putIfAbsent(split.label(sample), sample) != null) {
                others.add(sample);
            }
        }
        List<Long> samples = new ArrayList<>(byClass.values());
        samples.addAll(others.subList(0, Math.min(others.size(), SAMPLES - samples.size())));
        return samples;
    }

    private static float[] plain(EvaluationPictures evaluation, ImageConfig image, long sample) {
        EvaluationPictures.Views views = evaluation.at(image.size());
        float[] view = new float[views.length()];
        views.write(sample, view, 0);
        return view;
    }

    /**
     * Adds batches of samples that mixing changes.
     *
     * @param first the samples' views of the first epoch
     * @return how many batches
     */
    private static int addMixed(TrainingPictures training, List<float[]> first, List<float[]> views) {
        int length = training.viewLength();
        int rows = 0;
        for (int place = 0; first.size() == SAMPLES && place < TRIES && rows < MIXED_ROWS; place++) {
            float[] batch = new float[SAMPLES * length];
            for (int i = 0; i < SAMPLES; i++) {
                System.arraycopy(first.get(i), 0, batch, i * length, length);
            }
            if (training.mix(place, batch) < 1) {
                for (int i = 0; i < SAMPLES; i++) {
                    views.add(Arrays.copyOfRange(batch, i * length, (i + 1) * length));
                }
                rows++;
            }
        }
        return rows;
    }
}

package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.image.prepare.ImageRequest;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.spark.prepare.PrepareJob;

/**
 * Pictures and their classes: the user's own, or those that come with the program.
 *
 * @param folder of the run
 * @param inputs what {@code seqpe prepare} takes; null for the program's
 */
record PictureQuickstart(String folder, List<String> inputs) implements QuickstartTask {
    /** Name of the folder of the program's pictures, which the dataset's manifest records. */
    private static final String LETTERS = "quickstart-letters";

    /** Draws the program's pictures. */
    private static final long SEED = 1;

    @Override
    public String configuration() {
        return "quickstart-images";
    }

    @Override
    public String lossPer() {
        return "picture";
    }

    @Override
    public void prepare(JavaSparkContext spark, String data, Progress progress) {
        new PreparedOnce(
                        "other pictures",
                        target -> make(spark, target, progress).hash(),
                        made -> ImageDataset.open(made).hash(),
                        inputs != null
                                ? null
                                : made -> ImageDataset.open(made)
                                        .manifest()
                                        .corpus()
                                        .name()
                                        .equals(LETTERS))
                .prepare(data);
    }

    /** A contact sheet of the pictures as training sees them. */
    @Override
    public void show(String data, RunConfig config, PrintWriter out) {
        PictureSheet.write(ImageDataset.open(data), config, HadoopFiles.resolve(folder, "augmented.png"), out);
    }

    private ImageDataset make(JavaSparkContext spark, String data, Progress progress) {
        PrepareCommand.Stages stages = new PrepareCommand.Stages(progress);
        if (inputs != null) {
            return PrepareJob.run(spark, ImageRequest.of(inputs, data).build(), stages);
        }
        String pictures = HadoopFiles.resolve(folder, LETTERS);
        HadoopFiles.delete(pictures);
        try {
            QuickstartPictures.writeTo(pictures, SEED);
            return PrepareJob.run(
                    spark, ImageRequest.of(List.of(pictures), data).build(), stages);
        } finally {
            HadoopFiles.delete(pictures);
        }
    }
}

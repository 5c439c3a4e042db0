package org.seqpe.spark.image;

import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.image.batch.EvaluationPictures;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.spark.round.TaskData;

/** Opens the pictures of an image run. */
public final class ImageData {
    /** What is counted. */
    public static final String UNIT = "images";

    private ImageData() {}

    /**
     * Opens the data of a configuration.
     *
     * @throws UserException if it is missing, too small, or does not fit the configuration
     */
    public static TaskData open(RunConfig config) {
        ImageDataset dataset =
                ImageDataset.open(HadoopFiles.qualified(config.data().path()));
        RunConfig resolved = resolve(config, dataset);
        ImageBatches batches = new ImageBatches(dataset.folder(), dataset.hash(), resolved);
        // Refuses data that is missing or too small before anything is written.
        batches.pictures();
        ImageSplit validation = dataset.split(config.data().validationSplit());
        return new TaskData(
                resolved,
                batches,
                (network, device) -> new ImageValidation(
                        network,
                        device,
                        new EvaluationPictures(
                                validation,
                                resolved.image(),
                                resolved.evaluation().cropRatio(),
                                resolved.train().validationImages()),
                        resolved),
                dataset.hash(),
                UNIT,
                validation);
    }

    /**
     * The configuration with the classes that the data has.
     *
     * @throws UserException if the configured classes are too few for the data
     */
    public static RunConfig resolve(RunConfig config, ImageDataset dataset) {
        int found = dataset.classes().size();
        int configured = config.image().classes();
        if (configured != 0 && configured < found) {
            throw new UserException("Cannot train on " + dataset.folder() + ": expected image.classes of at least the "
                    + found + " classes of the data, found " + configured
                    + "; set image.classes = 0 to follow the data.");
        }
        return config.resolveClasses(found);
    }
}

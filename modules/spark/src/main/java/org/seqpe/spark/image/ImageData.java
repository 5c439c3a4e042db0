package org.seqpe.spark.image;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.image.batch.EvaluationPictures;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.TaskData;
import org.seqpe.spark.round.Validator;

/** The pictures of an image run. */
public final class ImageData implements TaskData {
    /** What is counted. */
    public static final String UNIT = "images";

    private final RunConfig resolved;
    private final ImageDataset dataset;
    private final ImageBatches batches;
    private final ImageSplit validation;

    private ImageData(RunConfig resolved, ImageDataset dataset, ImageBatches batches, ImageSplit validation) {
        this.resolved = resolved;
        this.dataset = dataset;
        this.batches = batches;
        this.validation = validation;
    }

    /**
     * Opens the data of a configuration.
     *
     * @throws UserException if it is missing, too small, or does not fit the configuration
     */
    public static ImageData open(RunConfig config) {
        ImageDataset dataset =
                ImageDataset.open(HadoopFiles.qualified(config.data().path()));
        RunConfig resolved = resolve(config, dataset);
        ImageBatches batches = new ImageBatches(dataset.folder(), dataset.hash(), resolved);
        // Refuses data that is missing or too small before anything is written.
        batches.pictures();
        return new ImageData(
                resolved, dataset, batches, dataset.split(config.data().validationSplit()));
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

    @Override
    public RunConfig resolved() {
        return resolved;
    }

    @Override
    public ReplicaBatches batches() {
        return batches;
    }

    @Override
    public Validator validator(MultiLayerNetwork network, Device device) {
        return new ImageValidation(
                network,
                device,
                new EvaluationPictures(
                        validation,
                        resolved.image(),
                        resolved.evaluation().cropRatio(),
                        resolved.train().validationImages()),
                resolved);
    }

    @Override
    public String sha256() {
        return dataset.hash();
    }

    @Override
    public String unit() {
        return UNIT;
    }

    @Override
    public void close() {
        validation.close();
    }
}

package org.seqpe.spark.image;

import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.core.config.RunConfig;
import org.seqpe.data.image.batch.EvaluationPictures;
import org.seqpe.evaluation.image.ImageModelScorer;
import org.seqpe.evaluation.image.PictureEvaluator;
import org.seqpe.evaluation.image.PictureSums;
import org.seqpe.evaluation.image.SplitPictures;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.model.image.ImageModel;
import org.seqpe.spark.round.Validator;

/** The averaged model's loss and accuracy on the validation split, at the training resolution. */
final class ImageValidation implements Validator {
    private final MultiLayerNetwork network;
    private final Device device;
    private final EvaluationPictures pictures;
    private final RunConfig config;

    /** @param device what the driver computes with; closed by the caller */
    ImageValidation(MultiLayerNetwork network, Device device, EvaluationPictures pictures, RunConfig config) {
        this.network = network;
        this.device = device;
        this.pictures = pictures;
        this.config = config;
    }

    @Override
    public Validation validate() {
        TrainingDevice.use(device);
        SeqPeNetworks.layer(network).pull();
        ImageModel model = new ImageModel(SeqPeNetworks.layer(network).model());
        try (ImageModelScorer scorer =
                new ImageModelScorer(model, config.image().size())) {
            PictureSums sums = new PictureEvaluator(
                            scorer,
                            new SplitPictures(pictures),
                            model.classes(),
                            config.image().size(),
                            config.evaluation().batchImages())
                    .sums(0, pictures.size(), done -> {});
            double count = sums.pictures();
            return new Validation(
                    sums.losses().mean(), Map.of("top1", sums.top1() / count, "top5", sums.top5() / count));
        } finally {
            TrainingDevice.use(null);
        }
    }
}
